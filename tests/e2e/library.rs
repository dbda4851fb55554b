//! Runs through the library, without a network and without a recording.

use std::time::Duration;

use runner::connections::{Access, Connection, Lent};
use runner::contract::Policy;
use runner::egress::WayOut;
use runner::egress::authority::Authority;
use runner::egress::ledger::Ledger;
use runner::recording::Secrets;
use runner::sandbox::{COMPONENT, Clock, Ended, Guest, Limits, Run, Sandbox};
use runner::values;
use serde_json::Value;

/// Graph's version root of the connection `contoso`.
pub const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// A sandbox with the connector in it.
pub struct Host {
    sandbox: Sandbox,
    guest: Guest,
    policy: Policy,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    pub fn new() -> Self {
        let sandbox = Sandbox::new(1).unwrap();
        let guest = Guest::load(&sandbox, COMPONENT).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { sandbox, guest, policy: Policy::embedded().unwrap(), runtime }
    }

    /// Runs `action`, its calls answered by `graph`, with `memory` bytes at most.
    pub fn run(&self, action: &str, input: &Value, graph: WayOut, memory: usize) -> Ended {
        let action = self.guest.action(action).unwrap();
        let authority = Authority {
            action: action.name.clone(),
            calls: self.policy.action(&action.name).unwrap().calls.clone(),
            graph_url: Some(ROOT.parse().unwrap()),
        };
        let run = Run {
            action,
            input: values::from_json(input, &action.input).unwrap(),
            lent: Lent(Some(("contoso".to_owned(), connection()))),
            way_out: authority.in_front_of(graph),
            clock: Clock::simulated(),
            secrets: Secrets::default(),
            ledger: Ledger::default(),
            limits: Limits { memory, time: Duration::from_secs(600), ..Limits::default() },
        };
        self.runtime.block_on(self.guest.run(&self.sandbox, run))
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
