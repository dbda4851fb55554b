//! Runs through the library, without a network and without a recording.

use std::time::Duration;

use runner::connections::{Access, Connection};
use runner::egress::WayOut;
use runner::egress::ledger::Ledger;
use runner::egress::usage::Usage;
use runner::host::{self, Job};
use runner::recording::Secrets;
use runner::sandbox::{COMPONENT, Clock, Ended, Limits};
use runner::values;
use serde_json::Value;

/// Graph's version root of the connection `contoso`.
pub const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// The connector, without the command line.
pub struct Host {
    inner: host::Host,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    /// Compiles the connector.
    pub fn compiled() -> Self {
        let inner = host::Host::new(COMPONENT, 1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { inner, runtime }
    }

    /// Runs `action`, its calls answered by `graph`, with `memory` bytes at most.
    pub fn run(&self, action: &str, input: &Value, graph: WayOut, memory: usize) -> Ended {
        let action = self.inner.guest().action(action).unwrap();
        let job = Job {
            action,
            input: values::from_json(input, &action.input).unwrap(),
            secrets: Secrets::default(),
            lent: Some(("contoso".to_owned(), connection())),
            way_out: graph,
            clock: Clock::simulated(),
            ledger: Ledger::default(),
            usage: Usage::default(),
            line: None,
            limits: Limits { memory, time: Duration::from_secs(600), ..Limits::default() },
        };
        self.runtime.block_on(self.inner.run(job)).unwrap()
    }
}

fn connection() -> Connection {
    Connection {
        graph_url: ROOT.to_owned(),
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: Some("noreply@contoso.onmicrosoft.com".to_owned()),
        access: Access::AppOnly,
        time_limit_ms: 600_000,
    }
}
