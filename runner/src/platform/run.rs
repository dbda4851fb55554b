//! One run from its turn to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::admission::{Admitted, Present};
use super::call::{Admissible, Answer, Call};
use super::failure::{Failure, Refusal};
use super::tenant::Registered;
use super::{Inner, TenantLimits};
use crate::audit::{DONE, Durability, GraphAnswer, Line, RunLine};
use crate::context::{RunContext, Usage, Writes};
use crate::egress::journal;
use crate::limits::Limits;
use crate::report::Report;
use crate::run::{Backend, Executed, Run, execute};
use crate::telemetry::spans;

/// A run whose turn it is.
struct Running<'a> {
    call: &'a Call,
    admissible: &'a Admissible,
    context: RunContext,
    started: Timestamp,
    began: Instant,
}

/// The places that a run has, given back when this is dropped.
struct Held {
    _admitted: Admitted,
    _present: Present,
}

impl Inner {
    /// Answers a call that came in at `began`, to be polled on any thread. Its span is below
    /// what goes on where this is called.
    pub(super) fn answer(
        self: Arc<Self>,
        run: Uuid,
        call: Call,
        began: Instant,
    ) -> impl Future<Output = Answer> + Send + 'static {
        // Any text can be given for an action's name.
        let known = self.host.load().guest().action(&call.action).is_some();
        let span = spans::run(run, Some(&call.tenant), known.then_some(&*call.action));
        let answered = {
            let span = span.clone();
            async move { self.answered(run, call, began, &span).await }
        };
        answered.instrument(span)
    }

    async fn answered(&self, run: Uuid, call: Call, began: Instant, span: &Span) -> Answer {
        let (started, usage) = (Timestamp::now(), Usage::default());
        let (outcome, warnings) = match self.admitted(&call, began, &usage).await {
            Ok((admissible, _held)) => {
                let limits = limits(&admissible.tenant.tenant.limits, call.deadline, began);
                let clock = admissible.backend().clock();
                let redaction = admissible.checked.redaction();
                let context = RunContext::new(run, &call.action, limits, clock, redaction);
                let context = RunContext { usage: usage.clone(), ..context };
                let running =
                    Running { call: &call, admissible: &admissible, context, started, began };
                let (outcome, warnings) = self.run(&running).await;
                (self.noted(&running, outcome, &warnings).await, warnings)
            }
            Err(refusal) => (Err(Failure::Refused(refusal)), Vec::new()),
        };
        let receipt = usage.receipt(began);
        let report = outcome.as_ref().err().map(Failure::report);
        spans::ended(span, report.as_ref().map(Report::kind_name), &receipt);
        Answer { run, outcome, warnings, receipt }
    }

    /// Checks a call and waits for its turn.
    async fn admitted(
        &self,
        call: &Call,
        began: Instant,
        usage: &Usage,
    ) -> Result<(Admissible, Held), Refusal> {
        if self.stopping.is_cancelled() {
            return Err(Refusal::Stopping);
        }
        let tenant = self.tenants.load().get(&call.tenant).cloned();
        let tenant = tenant.ok_or(Refusal::NoSuchTenant)?;
        let admissible = Admissible::new(self.host.load_full(), tenant, call)?;
        let tenant: &Registered = &admissible.tenant;
        let present = tenant.admission.enter().map_err(Refusal::Busy)?;
        let patience = call.deadline.unwrap_or(Duration::MAX).saturating_sub(began.elapsed());
        let asked = Instant::now();
        let turn = tokio::select! {
            biased;
            () = self.cut.cancelled() => Err(Refusal::Stopping),
            turn = tokio::time::timeout(patience, tenant.admission.turn(&present)) => {
                turn.map_err(|_| Refusal::Deadline { waited: began.elapsed() })
            }
        };
        usage.waited(asked.elapsed());
        let admitted = turn?;
        Ok((admissible, Held { _admitted: admitted, _present: present }))
    }

    /// Runs it, unless the process ends before.
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
            Ok(executed) => ended(executed),
            Err(error) => (Err(error.into()), Vec::new()),
        }
    }

    /// Notes a run in the audit log before anybody is told what came of it.
    async fn noted(
        &self,
        running: &Running<'_>,
        outcome: Result<Value, Failure>,
        warnings: &[String],
    ) -> Result<Value, Failure> {
        let Some(log) = &self.audit else { return outcome };
        let line = running.line(&outcome, warnings);
        // What only read is with the operating system; what wrote is on the disk.
        let durability = match line.writes.is_empty() {
            true => Durability::Written,
            false => Durability::Synced,
        };
        match log.write(Line::Run(Box::new(line)), durability).await {
            Ok(()) => outcome,
            Err(error) => {
                let reason = error.to_string();
                // Of a plan nothing has gone out.
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

/// What came of a run: of a plan its report, unless the sandbox ended it.
fn ended(executed: Executed) -> (Result<Value, Failure>, Vec<String>) {
    let outcome = executed.explained();
    let outcome = match (executed.plan_report(), outcome) {
        (Some(plan), Ok(_) | Err(crate::run::Failure::Action(_))) => Ok(json!(plan)),
        (_, outcome) => outcome.map_err(Failure::from),
    };
    (outcome, executed.warnings)
}

impl Running<'_> {
    /// The run's line in the audit log.
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
            graph: graph.map(|graph| GraphAnswer {
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

/// What a run may use: its tenant's limits, and no more time than its caller has.
fn limits(tenant: &TenantLimits, deadline: Option<Duration>, began: Instant) -> Limits {
    let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_sub(began.elapsed()));
    let limits = tenant.of_run();
    Limits { time: limits.time.min(left), ..limits }
}
