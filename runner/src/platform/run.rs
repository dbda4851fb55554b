//! The execution of a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::admission::{Admitted, Counted};
use super::call::{Admissible, Call, CallResult};
use super::failure::{Failure, Refusal};
use super::generated::HasGenerated;
use super::handle::RunHandle;
use super::link::Link;
use super::{Inner, TenantLimits};
use crate::audit::{DONE, Durability, GraphError, Line, RunLine};
use crate::context::{Clock, RunContext, Stop, Usage, Writes};
use crate::contract::Connection;
use crate::egress::faults::Faults;
use crate::egress::journal::{self, Durable};
use crate::egress::observer::Watcher;
use crate::journal::RunJournal;
use crate::limits::Limits;
use crate::report::Report;
use crate::run;
use crate::run::{Backend, Executed, Run, execute};
use crate::telemetry::spans;
use crate::values::JsonText;

/// An admitted run.
pub(super) struct Running<'a> {
    pub call: &'a Call,
    pub admissible: &'a Admissible,
    /// The granted connection with its id.
    pub granted: Option<(String, Connection)>,
    pub context: RunContext,
    pub started: Timestamp,
    pub began: Instant,
    /// Receives the events of the run.
    pub watcher: Option<Watcher>,
    pub progress: Progress,
    pub goes_on: GoesOn,
}

/// When a run that the process cuts goes on in the next process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GoesOn {
    /// Never: it has no journal.
    Never,
    /// If it has sent a write: its caller calls again otherwise.
    AfterWrite,
    /// In any case: nobody waits for it, or an earlier process may have sent writes.
    Always,
}

/// How far a run has come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It begins.
    New,
    /// A crash has interrupted it.
    Resumed,
    /// A crash has interrupted it, and its outcome is in the audit log.
    Logged,
}

/// What a run has left, with its outcome.
pub(super) type Ended = (Result<JsonText, Failure>, Vec<String>);

impl Inner {
    /// Executes a call that arrived at `began`. Its span is a child of the current one.
    pub(super) fn call(
        self: Arc<Self>,
        (run, handle): (Uuid, RunHandle),
        call: Call,
        began: Instant,
    ) -> impl Future<Output = CallResult> + Send + 'static {
        // The name of the action is arbitrary input.
        let known = self.host.load().guest().action(&call.action).is_some();
        let span = spans::run(run, Some(&call.tenant), known.then_some(&*call.action));
        let inner_span = span.clone();
        async move { self.call_in_span((run, &handle), call, began, &inner_span).await }
            .instrument(span)
    }

    async fn call_in_span(
        &self,
        (run, handle): (Uuid, &RunHandle),
        call: Call,
        began: Instant,
        span: &Span,
    ) -> CallResult {
        let started = Timestamp::now();
        let admitted = self.admit(&call, began, &handle.usage).await;
        let (ended, journal) = match admitted {
            Ok((admissible, _permits)) => {
                match self.keep_generated(run, &call, &admissible).await {
                    Ok(has) => {
                        self.run_admitted((run, has, handle), &call, &admissible, (started, began))
                            .await
                    }
                    Err(failure) => ((Err(failure), Vec::new()), None),
                }
            }
            Err(refusal) => ((Err(refusal.into()), Vec::new()), None),
        };
        CallResult::ended(run, ended, &handle.usage, began, span)
            .with_journal(journal, GoesOn::AfterWrite)
    }

    /// Runs a call that has its permits.
    async fn run_admitted(
        &self,
        (run, has, handle): (Uuid, HasGenerated, &RunHandle),
        call: &Call,
        admissible: &Admissible,
        (started, began): (Timestamp, Instant),
    ) -> (Ended, Option<RunJournal>) {
        let limits = limits(&admissible.tenant.tenant.limits, call.deadline, began);
        let clock = admissible.backend().clock().noted();
        let context = context(run, call, admissible, limits, clock);
        let (usage, cancellation) = (&handle.usage, &handle.cancellation);
        let context = context.watched(usage.clone(), cancellation.clone());
        let granted = admissible.granted(context.limits.time);
        let mut running = Running {
            call,
            admissible,
            granted,
            context,
            started,
            began,
            watcher: handle.watcher.clone(),
            progress: Progress::New,
            goes_on: GoesOn::Never,
        };
        let mut journal = None;
        let mut ended = match self.begin_journal(&running) {
            Ok(durable) => {
                if let Some(durable) = &durable {
                    journal = Some(durable.journal());
                    running.goes_on = GoesOn::AfterWrite;
                }
                self.run_and_log(&running, durable).await
            }
            Err(failure) => (Err(failure), Vec::new()),
        };
        let goes_on = running.goes_on.after(&ended.0);
        self.settle_generated(run, has, &mut ended, goes_on).await;
        (ended, journal)
    }

    /// Validates a call and waits for its permits.
    async fn admit(
        &self,
        call: &Call,
        began: Instant,
        usage: &Usage,
    ) -> Result<(Admissible, (Admitted, Counted)), Refusal> {
        let (admissible, entered) = self.enter(call)?;
        let admission = &admissible.tenant.admission;
        let limit = call.deadline.unwrap_or(Duration::MAX).saturating_sub(began.elapsed());
        let queued = Instant::now();
        let permits = admission.permits(&entered, admissible.changes_something(call));
        let admitted = tokio::select! {
            biased;
            () = self.cut.cancelled() => Err(Refusal::Stopping),
            admitted = tokio::time::timeout(limit, permits) => {
                admitted.map_err(|_| Refusal::Deadline { waited: began.elapsed() })
            }
        };
        usage.waited(queued.elapsed());
        let admitted = admitted?;
        Ok((admissible, (admitted, entered)))
    }

    /// Runs an admitted call, and logs it.
    pub(super) async fn run_and_log(
        &self,
        running: &Running<'_>,
        durable: Option<Durable>,
    ) -> Ended {
        let ended = self.run(running, durable).await;
        self.log_if_ended(running, ended).await
    }

    /// Logs a run, unless it goes on when the next process starts.
    pub(super) async fn log_if_ended(
        &self,
        running: &Running<'_>,
        (outcome, warnings): Ended,
    ) -> Ended {
        match running.goes_on.after(&outcome) {
            true => (outcome, warnings),
            false => (self.log(running, outcome, &warnings).await, warnings),
        }
    }

    /// Runs an admitted call, until the process stops.
    async fn run(&self, running: &Running<'_>, durable: Option<Durable>) -> Ended {
        let Running { call, admissible, granted, context, .. } = running;
        let run = Run {
            context: context.clone(),
            checked: &admissible.checked,
            granted: granted.clone(),
            backend: admissible.backend(),
            shared: &self.shared,
            plan: call.plan,
            recorder: None,
            audit: self.audit.clone().map(|log| (log, call.tenant.clone())),
            durable,
            faults: admissible.link.as_ref().and_then(Link::faults).cloned().map(Faults::new),
            watcher: running.watcher.clone(),
            turns: Some(admissible.tenant.computing.clone()),
        };
        // On the heap, as the task would be larger by some kilobytes.
        match Box::pin(execute(&admissible.host, run, self.cut.cancelled())).await {
            Ok(executed) => {
                let (outcome, mut warnings) = ended(executed);
                // A plan whose action failed has a result, and so the warnings of one.
                if let (true, true, Some(link)) = (call.plan, outcome.is_ok(), &admissible.link) {
                    warnings = admissible.host.warnings(&context.writes, link.public());
                }
                (outcome, warnings)
            }
            Err(error) => (Err(error.into()), Vec::new()),
        }
    }

    /// Logs a run in the audit log, before its result is returned.
    async fn log(
        &self,
        running: &Running<'_>,
        outcome: Result<JsonText, Failure>,
        warnings: &[String],
    ) -> Result<JsonText, Failure> {
        let is_logged = running.progress == Progress::Logged;
        let Some(log) = self.audit.as_ref().filter(|_| !is_logged) else { return outcome };
        let line = running.line(&outcome, warnings);
        // A run with writes must be on the disk; for others the operating system suffices.
        let durability = match line.writes.is_empty() {
            true => Durability::Written,
            false => Durability::Synced,
        };
        match log.write(Line::Run(Box::new(line)), durability).await {
            Ok(()) => outcome,
            Err(error) => {
                let reason = error.to_string();
                // A plan sends no writes.
                let sent = Some(&running.context.writes).filter(|_| !running.call.plan);
                let writes = sent.map(Writes::in_words).unwrap_or_default();
                Err(Failure::Audit { reason, writes })
            }
        }
    }
}

impl Admissible {
    pub(super) fn backend(&self) -> &Backend {
        self.link.as_ref().map_or(&Backend::None, |link| link.backend())
    }

    /// Returns the connection with its id, for a run of at most `time`.
    pub(super) fn granted(&self, time: Duration) -> Option<(String, Connection)> {
        let link = self.link.as_ref()?;
        let mut connection = link.public().clone();
        connection.time_limit_ms = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        Some((link.id().to_owned(), connection))
    }
}

impl GoesOn {
    /// Returns whether a run with this outcome goes on when the next process starts.
    pub fn after(self, outcome: &Result<JsonText, Failure>) -> bool {
        match (self, outcome) {
            (Self::Always | Self::AfterWrite, Err(Failure::Run(failure))) => match failure {
                run::Failure::Stopped { stop: Stop::Taken | Stop::Crashed, .. } => true,
                run::Failure::Interrupted { writes }
                | run::Failure::Stopped { stop: Stop::Store(_), writes } => {
                    self == Self::Always || !writes.is_empty()
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// Returns the state of a run.
pub(super) fn context(
    run: Uuid,
    call: &Call,
    admissible: &Admissible,
    limits: Limits,
    clock: Clock,
) -> RunContext {
    RunContext::new(run, &call.action, limits, clock, admissible.checked.redaction())
}

/// Returns the outcome and the warnings of a run. The outcome of a plan is its report, unless the
/// sandbox stopped the run.
fn ended(executed: Executed) -> Ended {
    let plan = executed.plan_report();
    let (outcome, warnings) = executed.into_explained();
    let outcome = match (plan, outcome) {
        (Some(plan), Ok(_) | Err(run::Failure::Action(_))) => Ok(JsonText::of(&json!(plan))),
        (_, outcome) => outcome.map_err(Failure::from),
    };
    (outcome, warnings)
}

impl Running<'_> {
    /// Returns the line of the run in the audit log.
    fn line(&self, outcome: &Result<JsonText, Failure>, warnings: &[String]) -> RunLine {
        let Self { call, admissible, context, started, began, progress, .. } = self;
        let report = outcome.as_ref().err().map(Failure::report);
        let graph = report.as_ref().and_then(|report| report.details.graph.as_ref());
        let outcome = report.as_ref().map_or(DONE, Report::kind_name).to_owned();
        RunLine {
            run: context.id,
            tenant: call.tenant.clone(),
            action: call.action.clone(),
            connection: admissible.link.as_ref().map(|link| link.id().to_owned()),
            plan: call.plan,
            resumed: *progress != Progress::New,
            input_digest: admissible.digest(),
            component: admissible.host.component().to_owned(),
            started_at: *started,
            ended_at: Timestamp::now(),
            writes: if call.plan { Vec::new() } else { journal::written(context) },
            writes_omitted: 0,
            outcome,
            graph: graph.map(|graph| GraphError {
                status: graph.status,
                code: Some(graph.code.clone()),
                request_id: graph.request_id.clone(),
            }),
            message: report.map(|report| report.message),
            warnings: warnings.to_vec(),
            receipt: context.usage.receipt(*began),
            idempotency_key: call.idempotency_key.clone(),
        }
    }
}

/// Returns the limits of a run: those of the tenant, with the time up to the deadline.
fn limits(tenant: &TenantLimits, deadline: Option<Duration>, began: Instant) -> Limits {
    let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_sub(began.elapsed()));
    let limits = tenant.of_run();
    Limits { time: limits.time.min(left), ..limits }
}
