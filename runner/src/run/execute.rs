//! Executes a run.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::backend::{Backend, OpenError, Opened, Shared};
use super::stack::Stack;
use super::{Checked, Failure, Host};
use crate::audit::AuditLog;
use crate::context::{RunContext, Stop};
use crate::contract::Connection;
use crate::egress::authority::Authority;
use crate::egress::correlation::Correlation;
use crate::egress::faults::Faults;
use crate::egress::journal::{AuditLines, Durable, Journal};
use crate::egress::observer::{Observer, Watcher};
use crate::egress::plan::{self, Plan, PlanReport};
use crate::egress::record::Recorder;
use crate::egress::register::Register;
use crate::egress::replay::Replay;
use crate::network::Explanation;
use crate::recording::scan::OtherSecrets;
use crate::report::Report;
use crate::sandbox::{ComputeQueue, Finished, Outcome};
use crate::values::JsonText;

/// A run that is ready to start.
pub struct Run<'a> {
    /// The state that the layers share.
    pub context: RunContext,
    /// The action and its input.
    pub checked: &'a Checked,
    /// The granted connection with its id.
    pub granted: Option<(String, Connection)>,
    /// What responds to its requests.
    pub backend: &'a Backend,
    /// The state that live connections share.
    pub shared: &'a Shared,
    /// Whether the run is a plan.
    pub plan: bool,
    /// Records the run.
    pub recorder: Option<Recorder>,
    /// The audit log for its writes, and the tenant of the platform.
    pub audit: Option<(AuditLog, String)>,
    /// The journal of the run, if it goes on after a crash.
    pub durable: Option<Durable>,
    /// The faults to inject.
    pub faults: Option<Faults>,
    /// Receives its events.
    pub watcher: Option<Watcher>,
    /// Its tenant's turns of computing; `None` for turns of its own.
    pub turns: Option<ComputeQueue>,
}

/// A run that is over.
pub struct Executed {
    /// The result, or the failure as the component returned it and a recording keeps it. See
    /// [`Executed::into_explained`].
    pub outcome: Result<JsonText, Failure>,
    /// The warnings beside a result.
    pub warnings: Vec<String>,
    /// The plan, if the run was one. See [`Executed::plan_report`].
    pub plan: Option<Plan>,
    /// The replay of a recording.
    pub replay: Option<Replay>,
    /// The linear memory of the instance at its end, in bytes.
    pub memory: usize,
    /// A sentence for each fault that did not happen.
    pub missed: Vec<String>,
    /// The secrets, beside those of the input, that its recording must not contain.
    pub known: OtherSecrets,
    /// The state of the run.
    pub context: RunContext,
    /// The recorder of the run, if it was recorded.
    pub recorder: Option<Recorder>,
    /// Why its last request had no response.
    fault: Option<Explanation>,
}

impl Executed {
    /// Returns the outcome, with what the HTTP client knows of a lost response, and the warnings.
    pub fn into_explained(self) -> (Result<JsonText, Failure>, Vec<String>) {
        let Self { outcome, warnings, fault, .. } = self;
        (outcome.map_err(|failure| failure.explained(fault)), warnings)
    }

    /// Returns whether a fault has crashed the run. It has no outcome then.
    pub fn is_crashed(&self) -> bool {
        matches!(self.outcome, Err(Failure::Stopped { stop: Stop::Crashed, .. }))
    }

    /// Returns the report of a plan.
    pub fn plan_report(&self) -> Option<PlanReport> {
        let plan = self.plan.as_ref()?;
        let (result, error) = match &self.outcome {
            Ok(result) => (Some(result.to_value()), None),
            Err(failure) => match failure.clone().explained(self.fault.clone()) {
                Failure::Action(report) => (None, Some(report.to_json())),
                _ => (None, None),
            },
        };
        let RunContext { action, redaction, .. } = &self.context;
        Some(PlanReport::new(&**action, plan, redaction, result, error))
    }
}

/// Executes a run, at most until `interrupt` completes.
///
/// # Errors
/// Fails when the backend cannot be opened. Nothing was sent then.
pub async fn execute(
    host: &Host,
    run: Run<'_>,
    interrupt: impl Future<Output = ()>,
) -> Result<Executed, OpenError> {
    let Run { context, checked, backend, .. } = &run;
    let known = OtherSecrets::default();
    let shown = run.recorder.as_ref().map(|_| known.clone());
    let opened = backend.open(run.shared, context, &checked.secrets, shown).await?;
    let Opened { innermost, credential, throttle, faults: network, replay } = opened;
    let graph = run.granted.as_ref().map(|(_, connection)| connection.graph_root()).transpose()?;
    let root = graph.clone().unwrap_or_default();
    let plan = run.plan.then(|| Plan::new(&root));
    let faults = run
        .faults
        .as_ref()
        .map(|faults| faults.within(root.path(), context.clock.clone(), context.stop.clone()));
    let stack = Stack {
        authority: Authority {
            action: Arc::clone(&context.action),
            calls: Arc::clone(&checked.policy.calls),
            graph_url: graph,
        },
        register: Register(context.writes.clone()),
        plan: plan.clone(),
        recorder: run.recorder.clone(),
        journal: journal(&run),
        throttle,
        faults,
        observer: (!matches!(backend, Backend::Recorded(_))).then(|| observer(&run, root)),
        correlation: (!context.clock.is_simulated()).then_some(Correlation(context.id)),
        credential,
    };
    let sandboxed =
        host.run(context, checked, run.granted.clone(), stack.over(innermost), run.turns.clone());
    // On the heap, as each function that takes it would copy some kilobytes.
    let sandboxed = Box::pin(sandboxed);
    let ended = until(noting_waits(sandboxed, run.durable.as_ref()), interrupt).await;
    let memory = ended.as_ref().map_or(0, |ended| ended.memory);
    let outcome = outcome(ended, context, plan.is_some());
    let warnings = match (&outcome, &run.granted) {
        (Ok(_), Some((_, connection))) => host.warnings(&context.writes, connection),
        _ => Vec::new(),
    };
    let missed = run.faults.as_ref().map(|faults| faults.missed()).unwrap_or_default();
    let (context, fault) = (context.clone(), network.last());
    let recorder = run.recorder;
    Ok(Executed {
        outcome,
        warnings,
        plan,
        replay,
        memory,
        missed,
        known,
        context,
        recorder,
        fault,
    })
}

/// Waits for `run`, whose journal has how long it waits.
async fn noting_waits<T>(run: impl Future<Output = T>, durable: Option<&Durable>) -> T {
    let Some(durable) = durable else { return run.await };
    tokio::select! {
        biased;
        ended = run => ended,
        never = durable.note_waits() => match never {},
    }
}

/// Waits for `run`, and gives up when `interrupt` is over. `interrupt` is polled first: a guest
/// that computes uses up the task's cooperative budget, without which no signal is received. The
/// outcome of a run that is over counts all the same.
async fn until<T>(run: impl Future<Output = T>, interrupt: impl Future<Output = ()>) -> Option<T> {
    let (mut run, mut interrupt) = (pin!(run), pin!(interrupt));
    poll_fn(|context| {
        let is_interrupted = interrupt.as_mut().poll(context).is_ready();
        match run.as_mut().poll(context) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending if is_interrupted => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Returns the layer that writes ahead. A plan has none.
fn journal(run: &Run<'_>) -> Option<Journal> {
    let (connection, _) = run.granted.as_ref().filter(|_| !run.plan)?;
    let audit = run.audit.clone().map(|(log, tenant)| AuditLines {
        log,
        tenant,
        connection: connection.clone(),
        context: run.context.clone(),
    });
    let durable = run.durable.clone();
    let cancellation = run.context.cancellation.clone();
    (audit.is_some() || durable.is_some()).then_some(Journal { audit, durable, cancellation })
}

fn observer(run: &Run<'_>, graph_url: http::Uri) -> Observer {
    let calls = &run.checked.policy.calls;
    let calls = match run.plan {
        true => calls.iter().cloned().chain(plan::lookups()).collect(),
        false => Arc::clone(calls),
    };
    Observer { calls, graph_url, watcher: run.watcher.clone() }
}

/// Returns the outcome of a run; without `ended`, it was interrupted. A plan sends no writes.
fn outcome(ended: Option<Finished>, context: &RunContext, plan: bool) -> Result<JsonText, Failure> {
    let writes = || if plan { Vec::new() } else { context.writes.in_words() };
    match ended.map(|ended| ended.outcome) {
        Some(Ok(Outcome::Done(result))) => Ok(result),
        Some(Ok(Outcome::Failed(error))) => Err(Failure::Action(Report::of_action(error))),
        Some(Err(stop)) => Err(Failure::Stopped { stop, writes: writes() }),
        None => Err(Failure::Interrupted { writes: writes() }),
    }
}
