//! A run from its check to its outcome.

use serde_json::Value;

use super::backend::{Backend, OpenError, Opened, Shared};
use super::stack::Stack;
use super::{Checked, Failure, Host};
use crate::audit::AuditLog;
use crate::context::RunContext;
use crate::contract::Connection;
use crate::egress::authority::Authority;
use crate::egress::correlation::Correlation;
use crate::egress::faults::{Faults, Script};
use crate::egress::journal::Journal;
use crate::egress::observer::{Observer, Watcher};
use crate::egress::plan::{self, Plan, PlanReport};
use crate::egress::record::Recorder;
use crate::egress::register::Register;
use crate::egress::replay::Replay;
use crate::network::Explanation;
use crate::recording::scan::OtherSecrets;
use crate::report::Report;
use crate::sandbox::{ComputeQueue, Finished, Outcome};

/// One run: what it is of, and what goes on beside it.
pub struct Run<'a> {
    /// Its id, limits, clock and whatever else the layers share.
    pub context: RunContext,
    /// The action and its input.
    pub checked: &'a Checked,
    /// The connection that is granted to it, under its id.
    pub granted: Option<(String, Connection)>,
    /// Where Graph's responses come from.
    pub backend: &'a Backend,
    /// What its live connection shares with others.
    pub shared: &'a Shared,
    /// Whether its writes are kept back and reported.
    pub plan: bool,
    /// What records it.
    pub recorder: Option<Recorder>,
    /// The log that has its writes, and the tenant of the platform that they are of.
    pub audit: Option<(AuditLog, String)>,
    /// The faults that it meets.
    pub faults: Option<Script>,
    /// Whoever watches its requests.
    pub watcher: Option<Watcher>,
    /// Its tenant's turns of computing; none for turns of its own.
    pub turns: Option<ComputeQueue>,
}

/// A run that is over.
pub struct Executed {
    /// Its result, or why there is none. The error of an action is as the component returned
    /// it, and so as a recording keeps it; see [`Executed::explained`].
    pub outcome: Result<Value, Failure>,
    /// What is to be said beside a result.
    pub warnings: Vec<String>,
    /// The plan, where one was asked for; see [`Executed::plan_report`].
    pub plan: Option<Plan>,
    /// The recording that was replayed.
    pub replay: Option<Replay>,
    /// The linear memory that the instance had at the end, in bytes.
    pub memory: usize,
    /// The faults that did not happen, each in a sentence.
    pub missed: Vec<String>,
    /// The secrets beside those of the input that no recording of it may hold.
    pub known: OtherSecrets,
    /// The run.
    pub context: RunContext,
    /// Why its last request had no response.
    fault: Option<Explanation>,
}

impl Executed {
    /// The outcome, with what the HTTP client knows of a response that never came.
    pub fn explained(&self) -> Result<Value, Failure> {
        self.outcome.clone().map_err(|failure| failure.explained(self.fault.clone()))
    }

    /// What the run would change, where it was a plan.
    pub fn plan_report(&self) -> Option<PlanReport> {
        let (result, error) = match self.explained() {
            Ok(result) => (Some(result), None),
            Err(Failure::Action(report)) => (None, Some(report.to_json())),
            Err(_) => (None, None),
        };
        let RunContext { action, redaction, .. } = &self.context;
        Some(PlanReport::new(&**action, self.plan.as_ref()?, redaction, result, error))
    }
}

/// Runs an action to its end, or until `cut` is over.
///
/// # Errors
/// When the connection cannot be opened. Then nothing was sent.
pub async fn execute(
    host: &Host,
    run: Run<'_>,
    cut: impl Future<Output = ()>,
) -> Result<Executed, OpenError> {
    let Run { context, checked, backend, .. } = &run;
    let known = OtherSecrets::default();
    let shown = run.recorder.as_ref().map(|_| known.clone());
    let opened = backend.open(run.shared, context, &checked.secrets, shown).await?;
    let Opened { innermost, credential, throttle, faults: network, replay } = opened;
    let graph = run.granted.as_ref().map(|(_, connection)| connection.graph_root()).transpose()?;
    let root = graph.clone().unwrap_or_default();
    let plan = run.plan.then(|| Plan::new(&root));
    let script = run.faults.clone();
    let faults = script.map(|script| Faults::new(script, root.path(), context.clock.clone()));
    let stack = Stack {
        authority: Authority {
            action: context.action.to_string(),
            calls: checked.policy.calls.clone(),
            graph_url: graph,
        },
        register: Register(context.writes.clone()),
        plan: plan.clone(),
        recorder: run.recorder.clone(),
        journal: journal(&run),
        throttle,
        faults: faults.clone(),
        observer: observer(&run, root),
        correlation: (!context.clock.is_simulated()).then_some(Correlation(context.id)),
        credential,
    };
    let sandboxed =
        host.run(context, checked, run.granted.clone(), stack.over(innermost), run.turns.clone());
    let ended = tokio::select! {
        biased;
        ended = sandboxed => Some(ended),
        () = cut => None,
    };
    let memory = ended.as_ref().map_or(0, |ended| ended.memory);
    let outcome = outcome(ended, context, plan.is_some());
    let warnings = match (&outcome, &run.granted) {
        (Ok(_), Some((_, connection))) => host.warnings(&context.writes, connection),
        _ => Vec::new(),
    };
    let missed = faults.map(|faults| faults.missed()).unwrap_or_default();
    let (context, fault) = (context.clone(), network.last());
    Ok(Executed { outcome, warnings, plan, replay, memory, missed, known, context, fault })
}

/// The layer that notes the writes of a run that is no plan in the audit log.
fn journal(run: &Run<'_>) -> Option<Journal> {
    let (log, tenant) = run.audit.clone().filter(|_| !run.plan)?;
    let (connection, _) = run.granted.clone()?;
    Some(Journal { log, tenant, connection, context: run.context.clone() })
}

fn observer(run: &Run<'_>, graph_url: http::Uri) -> Observer {
    let mut calls = run.checked.policy.calls.clone();
    if run.plan {
        calls.extend(plan::lookups());
    }
    Observer { calls, graph_url, watcher: run.watcher.clone() }
}

/// What came of a run; none if it was cut. Of a plan nothing has gone out.
fn outcome(ended: Option<Finished>, context: &RunContext, plan: bool) -> Result<Value, Failure> {
    let writes = || if plan { Vec::new() } else { context.writes.in_words() };
    match ended.map(|ended| ended.outcome) {
        Some(Ok(Outcome::Done(result))) => Ok(result),
        Some(Ok(Outcome::Failed(error))) => Err(Failure::Action(Report::of_action(error))),
        Some(Err(stop)) => Err(Failure::Stopped { stop, writes: writes() }),
        None => Err(Failure::Cut { writes: writes() }),
    }
}
