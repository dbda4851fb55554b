//! The execution of a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::admission::{Admitted, Counted};
use super::call::{Admissible, Call, CallResult};
use super::failure::{Failure, Refusal};
use super::tenant::Registered;
use super::{Inner, TenantLimits};
use crate::audit::{DONE, Durability, GraphError, Line, RunLine};
use crate::context::{RunContext, Usage, Writes};
use crate::egress::journal;
use crate::limits::Limits;
use crate::report::Report;
use crate::run::{Backend, Executed, Run, execute};
use crate::telemetry::spans;

/// An admitted run.
struct Running<'a> {
    call: &'a Call,
    admissible: &'a Admissible,
    context: RunContext,
    started: Timestamp,
    began: Instant,
}

impl Inner {
    /// Executes a call that arrived at `began`. Its span is a child of the current one.
    pub(super) fn call(
        self: Arc<Self>,
        run: Uuid,
        call: Call,
        began: Instant,
    ) -> impl Future<Output = CallResult> + Send + 'static {
        // The name of the action is arbitrary input.
        let known = self.host.load().guest().action(&call.action).is_some();
        let span = spans::run(run, Some(&call.tenant), known.then_some(&*call.action));
        let inner_span = span.clone();
        async move { self.call_in_span(run, call, began, &inner_span).await }.instrument(span)
    }

    async fn call_in_span(&self, run: Uuid, call: Call, began: Instant, span: &Span) -> CallResult {
        let (started, usage) = (Timestamp::now(), Usage::default());
        let (outcome, warnings) = match self.admit(&call, began, &usage).await {
            Ok((admissible, _permits)) => {
                let limits = limits(&admissible.tenant.tenant.limits, call.deadline, began);
                let clock = admissible.backend().clock();
                let redaction = admissible.checked.redaction();
                let context = RunContext::new(run, &call.action, limits, clock, redaction);
                let context = RunContext { usage: usage.clone(), ..context };
                let running =
                    Running { call: &call, admissible: &admissible, context, started, began };
                let (outcome, warnings) = self.run(&running).await;
                (self.log(&running, outcome, &warnings).await, warnings)
            }
            Err(refusal) => (Err(Failure::Refused(refusal)), Vec::new()),
        };
        let receipt = usage.receipt(began);
        let report = outcome.as_ref().err().map(Failure::report);
        spans::ended(span, report.as_ref().map(Report::kind_name), &receipt);
        CallResult { run, outcome, warnings, receipt }
    }

    /// Validates a call and waits for its permits.
    async fn admit(
        &self,
        call: &Call,
        began: Instant,
        usage: &Usage,
    ) -> Result<(Admissible, (Admitted, Counted)), Refusal> {
        if self.stopping.is_cancelled() {
            return Err(Refusal::Stopping);
        }
        let tenant = self.tenants.load().get(&call.tenant).cloned();
        let tenant = tenant.ok_or(Refusal::NoSuchTenant)?;
        let admissible = Admissible::new(self.host.load_full(), tenant, call)?;
        let tenant: &Registered = &admissible.tenant;
        let entered = tenant.admission.enter()?;
        let limit = call.deadline.unwrap_or(Duration::MAX).saturating_sub(began.elapsed());
        let queued = Instant::now();
        let admitted = tokio::select! {
            biased;
            () = self.cut.cancelled() => Err(Refusal::Stopping),
            admitted = tokio::time::timeout(limit, tenant.admission.permits(&entered)) => {
                admitted.map_err(|_| Refusal::Deadline { waited: began.elapsed() })
            }
        };
        usage.waited(queued.elapsed());
        let admitted = admitted?;
        Ok((admissible, (admitted, entered)))
    }

    /// Runs an admitted call, until the process stops.
    async fn run(&self, running: &Running<'_>) -> (Result<Value, Failure>, Vec<String>) {
        let Running { call, admissible, context, .. } = running;
        let granted = admissible.link.as_ref().map(|link| {
            let mut connection = link.public().clone();
            let time = context.limits.time.as_millis();
            connection.time_limit_ms = u32::try_from(time).unwrap_or(u32::MAX);
            (link.id().to_owned(), connection)
        });
        let run = Run {
            context: context.clone(),
            checked: &admissible.checked,
            granted,
            backend: admissible.backend(),
            shared: &self.shared,
            plan: call.plan,
            recorder: None,
            audit: self.audit.clone().map(|log| (log, call.tenant.clone())),
            faults: admissible.link.as_ref().and_then(|link| link.faults().cloned()),
            watcher: None,
            turns: Some(admissible.tenant.computing.clone()),
        };
        match execute(&admissible.host, run, self.cut.cancelled()).await {
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
        outcome: Result<Value, Failure>,
        warnings: &[String],
    ) -> Result<Value, Failure> {
        let Some(log) = &self.audit else { return outcome };
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
    fn backend(&self) -> &Backend {
        self.link.as_ref().map_or(&Backend::None, |link| link.backend())
    }
}

/// Returns the outcome and the warnings of a run. The outcome of a plan is its report, unless the
/// sandbox stopped the run.
fn ended(executed: Executed) -> (Result<Value, Failure>, Vec<String>) {
    let outcome = executed.explained();
    let outcome = match (executed.plan_report(), outcome) {
        (Some(plan), Ok(_) | Err(crate::run::Failure::Action(_))) => Ok(json!(plan)),
        (_, outcome) => outcome.map_err(Failure::from),
    };
    (outcome, executed.warnings)
}

impl Running<'_> {
    /// Returns the line of the run in the audit log.
    fn line(&self, outcome: &Result<Value, Failure>, warnings: &[String]) -> RunLine {
        let Self { call, admissible, context, started, began } = self;
        let report = outcome.as_ref().err().map(Failure::report);
        let graph = report.as_ref().and_then(|report| report.details.graph.as_ref());
        let outcome = report.as_ref().map_or(DONE, Report::kind_name).to_owned();
        RunLine {
            run: context.id,
            tenant: call.tenant.clone(),
            action: call.action.clone(),
            connection: admissible.link.as_ref().map(|link| link.id().to_owned()),
            plan: call.plan,
            input_digest: admissible.digest.clone(),
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
