//! Runs through the library, without the command line.

use std::time::Duration;

use runner::audit::AuditLog;
use runner::context::{Clock, RunContext, Stop, StopSignal};
use runner::contract::{Access, Connection};
use runner::egress::EgressStack;
use runner::egress::journal::Durable;
use runner::egress::record::Recorder;
use runner::journal::Begun;
use runner::limits::Limits;
use runner::recording::redaction::Redaction;
use runner::run::host::secrets;
use runner::run::{self, Backend, Checked, Executed, Failure, Run, Shared, execute};
use runner::sandbox::COMPONENT;
use runner::values::JsonText;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// Graph's version root of the connection `contoso`.
pub const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// One run.
pub struct Job<'a> {
    pub action: &'a str,
    pub input: Map<String, Value>,
    pub connection: Connection,
    pub backend: Backend,
    pub clock: Clock,
    pub limits: Limits,
    pub plan: bool,
    pub recorder: Option<Recorder>,
    pub audit: Option<AuditLog>,
    pub durable: Option<Durable>,
    /// The id of the run.
    pub id: Uuid,
    /// Ends the run.
    pub stop: StopSignal,
}

impl<'a> Job<'a> {
    /// A run over the connection `contoso`, on a virtual clock, whose calls `graph` answers.
    pub fn new(action: &'a str, input: Map<String, Value>, graph: EgressStack) -> Self {
        Self {
            action,
            input,
            connection: connection(),
            backend: Backend::Custom(graph),
            clock: Clock::simulated(),
            limits: Limits::default(),
            plan: false,
            recorder: None,
            audit: None,
            durable: None,
            id: Uuid::now_v7(),
            stop: StopSignal::default(),
        }
    }

    /// The same with this time limit.
    pub fn within(mut self, time: Duration) -> Self {
        self.limits.time = time;
        self.connection.time_limit_ms = u32::try_from(time.as_millis()).unwrap();
        self
    }

    /// Runs it.
    pub async fn run(self, host: &run::Host) -> Executed {
        let action = host.guest().action(self.action).unwrap();
        let context = self.context(host);
        let checked = Checked::new(host, action, self.input, Vec::new()).unwrap();
        let run = Run {
            context,
            checked: &checked,
            granted: Some(("contoso".to_owned(), self.connection)),
            backend: &self.backend,
            shared: &Shared::default(),
            plan: self.plan,
            recorder: self.recorder,
            audit: self.audit.map(|log| (log, "contoso".to_owned())),
            durable: self.durable,
            faults: None,
            watcher: None,
            turns: None,
        };
        execute(host, run, std::future::pending()).await.unwrap()
    }

    /// What its journal begins with.
    pub fn begun(&self, host: &run::Host) -> Begun {
        let connection = ("contoso".to_owned(), self.connection.clone());
        let input = self.input.clone();
        Begun::now(self.id, self.action, self.limits, connection, input, host.component())
    }

    fn context(&self, host: &run::Host) -> RunContext {
        let redaction = Redaction::new(&secrets(&host.policy(self.action), &self.input));
        let context =
            RunContext::new(self.id, self.action, self.limits, self.clock.clone(), redaction);
        RunContext { stop: self.stop.clone(), ..context }
    }
}

/// What an action returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The result.
    Done(Value),
    /// The error.
    Failed(Value),
}

/// How an action ended by itself, or what ended it.
pub fn outcome(outcome: &Result<JsonText, Failure>) -> Result<Outcome, Stop> {
    match outcome {
        Ok(result) => Ok(Outcome::Done(result.to_value())),
        Err(Failure::Action(report)) => Ok(Outcome::Failed(report.to_json())),
        Err(Failure::Stopped { stop, .. }) => Err(stop.clone()),
        Err(Failure::Interrupted { .. }) => panic!("nobody cut the run"),
    }
}

/// What came of a run, and the memory that it had.
pub struct Ended {
    pub outcome: Result<Outcome, Stop>,
    pub memory: usize,
}

/// The connector, without the command line.
pub struct Host {
    inner: run::Host,
    runtime: Runtime,
}

impl Host {
    /// Compiles the connector.
    pub fn compiled() -> Self {
        let inner = run::Host::new(COMPONENT, 1).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { inner, runtime }
    }

    /// Runs `action`, its calls answered by `graph`, with `memory` bytes at most.
    pub fn run(&self, action: &str, input: &Value, graph: EgressStack, memory: usize) -> Ended {
        let mut job = Job::new(action, input.as_object().unwrap().clone(), graph)
            .within(Duration::from_secs(600));
        job.limits.memory = memory;
        let executed = self.runtime.block_on(job.run(&self.inner));
        Ended { outcome: outcome(&executed.outcome), memory: executed.memory }
    }
}

fn connection() -> Connection {
    Connection {
        graph_url: ROOT.to_owned(),
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: Some("noreply@contoso.onmicrosoft.com".to_owned()),
        access: Access::AppOnly,
        time_limit_ms: 120_000,
    }
}
