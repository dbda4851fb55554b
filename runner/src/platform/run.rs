//! One run from its turn to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::admission::{Admitted, Present};
use super::call::{Answer, Call, Checked};
use super::failure::{Failure, Refusal};
use super::link::{Asks, Opened};
use super::receipt::Receipt;
use super::tenant::Registered;
use super::{Inner, TenantLimits};
use crate::audit::{DONE, Durability, GraphAnswer, Line, RunLine};
use crate::connections::Connection;
use crate::egress::journal::{Journal, Of};
use crate::egress::ledger::Ledger;
use crate::egress::live::Faults;
use crate::egress::plan::{self, Plan, ReadOnly, Report};
use crate::egress::usage::Usage;
use crate::egress::{WayOut, nowhere};
use crate::error;
use crate::host::Job;
use crate::recording::redaction::Redaction;
use crate::sandbox::{Clock, Ended, Limits, Outcome};
use crate::telemetry::spans;

/// A run whose turn it is.
struct Running<'a> {
    run: Uuid,
    call: &'a Call,
    checked: &'a Checked,
    limits: Limits,
    usage: Usage,
    ledger: Ledger,
    /// None where nothing is noted, or nothing is written.
    journal: Option<Journal>,
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
        let usage = Usage::default();
        let started = Timestamp::now();
        let (outcome, warnings) = match self.admitted(&call, began, &usage).await {
            Ok((checked, held)) => {
                let running = Running {
                    run,
                    limits: limits(&checked.tenant.tenant.limits, call.deadline, began),
                    call: &call,
                    checked: &checked,
                    usage: usage.clone(),
                    ledger: Ledger::default(),
                    journal: self.journal(run, &call, &checked),
                };
                let outcome = running.to_its_end(self).await;
                let warnings = running.warnings(&outcome);
                let outcome = self.noted(&running, outcome, &warnings, started, began).await;
                drop(held);
                (outcome, warnings)
            }
            Err(refusal) => (Err(Failure::Refused(refusal)), Vec::new()),
        };
        let receipt = Receipt::of(&usage, began);
        let error = outcome.as_ref().err().map(Failure::kind);
        spans::ended(span, error.as_deref(), &receipt);
        Answer { run, outcome, warnings, receipt }
    }

    /// Checks a call and waits for its turn.
    async fn admitted(
        &self,
        call: &Call,
        began: Instant,
        usage: &Usage,
    ) -> Result<(Checked, Held), Refusal> {
        if self.stopping.is_cancelled() {
            return Err(Refusal::Stopping);
        }
        let tenant = self.tenants.load().get(&call.tenant).cloned();
        let tenant = tenant.ok_or(Refusal::NoSuchTenant)?;
        let checked = Checked::new(self.host.load_full(), tenant, call)?;
        let tenant: &Registered = &checked.tenant;
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
        Ok((checked, Held { _admitted: admitted, _present: present }))
    }

    /// Where the writes of a run are noted.
    fn journal(&self, run: Uuid, call: &Call, checked: &Checked) -> Option<Journal> {
        let (log, link) = self.audit.as_ref().zip(checked.link.as_ref())?;
        if call.plan {
            return None;
        }
        let of = Of {
            run,
            tenant: call.tenant.clone(),
            action: call.action.clone(),
            connection: link.id().to_owned(),
        };
        Some(Journal::new(log.clone(), of, Redaction::new(&checked.secrets)))
    }

    /// Notes a run in the audit log before anybody is told what came of it.
    async fn noted(
        &self,
        running: &Running<'_>,
        outcome: Result<Value, Failure>,
        warnings: &[String],
        started: Timestamp,
        began: Instant,
    ) -> Result<Value, Failure> {
        let Some(log) = &self.audit else { return outcome };
        let receipt = Receipt::of(&running.usage, began);
        let line = running.line(&outcome, warnings, started, receipt);
        // What only read is with the operating system; what wrote is on the disk.
        let durability = match line.writes.is_empty() {
            true => Durability::Written,
            false => Durability::Synced,
        };
        match log.write(Line::Run(Box::new(line)), durability).await {
            Ok(()) => outcome,
            Err(error) => {
                let (reason, writes) = (error.to_string(), running.ledger.in_words());
                Err(Failure::Audit { reason, writes })
            }
        }
    }
}

/// The places that a run has, given back when this is dropped.
struct Held {
    _admitted: Admitted,
    _present: Present,
}

impl Running<'_> {
    /// Runs it, unless the process ends before.
    async fn to_its_end(&self, inner: &Inner) -> Result<Value, Failure> {
        tokio::select! {
            biased;
            outcome = self.run(inner) => outcome,
            () = inner.cut.cancelled() => Err(Failure::Cut { writes: self.ledger.in_words() }),
        }
    }

    async fn run(&self, inner: &Inner) -> Result<Value, Failure> {
        let (lent, clock, opened) = self.way(inner).await?;
        let plan = self.call.plan.then(|| {
            let root = lent.as_ref().and_then(|(_, lent)| lent.graph_root().ok());
            Plan::new(ReadOnly::new(opened.way_out.clone()), &root.unwrap_or_default())
        });
        let way_out = match (&plan, &self.journal) {
            (Some(plan), _) => plan.way_out(),
            (None, Some(journal)) => journal.in_front_of(opened.way_out),
            (None, None) => opened.way_out,
        };
        let ended = self.host_run(lent, clock, way_out).await?;
        self.outcome(ended, plan.as_ref(), &opened.faults)
    }

    /// The connection that the run is lent, its clock, and its way out.
    async fn way(
        &self,
        inner: &Inner,
    ) -> Result<(Option<(String, Connection)>, Clock, Opened), Failure> {
        let Some(link) = &self.checked.link else {
            let opened = Opened { way_out: nowhere(), faults: Faults::default() };
            return Ok((None, Clock::real(), opened));
        };
        let clock = link.clock();
        let mut calls = self.checked.policy.calls.clone();
        if self.call.plan {
            calls.extend(plan::looks());
        }
        let asks = Asks { run: self.run, calls, time: self.limits.time, usage: self.usage.clone() };
        let opened = link.open(&inner.shared, asks, &clock).await?;
        let mut connection = link.public().clone();
        connection.time_limit_ms = u32::try_from(self.limits.time.as_millis()).unwrap_or(u32::MAX);
        Ok((Some((link.id().to_owned(), connection)), clock, opened))
    }

    async fn host_run(
        &self,
        lent: Option<(String, Connection)>,
        clock: Clock,
        way_out: WayOut,
    ) -> Result<Ended, Failure> {
        let Checked { host, tenant, input, secrets, .. } = self.checked;
        // It was there when the call was checked, in this very host.
        let action = host.guest().action(&self.call.action).ok_or(Failure::Internal)?;
        let job = Job {
            action,
            input: input.clone(),
            secrets: secrets.clone(),
            lent,
            way_out,
            clock,
            ledger: self.ledger.clone(),
            limits: self.limits,
            usage: self.usage.clone(),
            line: Some(tenant.computing.clone()),
        };
        host.run(job).await.map_err(Failure::connection)
    }

    /// What is to be said beside the result.
    fn warnings(&self, outcome: &Result<Value, Failure>) -> Vec<String> {
        match (outcome, &self.checked.link) {
            (Ok(_), Some(link)) => self.checked.host.warnings(&self.ledger, link.public()),
            _ => Vec::new(),
        }
    }

    /// The run's line in the audit log.
    fn line(
        &self,
        outcome: &Result<Value, Failure>,
        warnings: &[String],
        started_at: Timestamp,
        receipt: Receipt,
    ) -> RunLine {
        let error = outcome.as_ref().err().map(Failure::error);
        let text = |name: &str| error.as_ref()?.get(name)?.as_str().map(ToOwned::to_owned);
        RunLine {
            run: self.run,
            tenant: self.call.tenant.clone(),
            action: self.call.action.clone(),
            connection: self.checked.link.as_ref().map(|link| link.id().to_owned()),
            plan: self.call.plan,
            input_digest: self.checked.digest.clone(),
            component: self.checked.host.component().to_owned(),
            started_at,
            ended_at: Timestamp::now(),
            writes: self.journal.as_ref().map(Journal::writes).unwrap_or_default(),
            writes_omitted: 0,
            outcome: text("kind").unwrap_or_else(|| DONE.to_owned()),
            message: text("message"),
            warnings: warnings.to_vec(),
            graph: error.as_ref().and_then(|error| graph_answer(error.get("graph")?)),
            receipt,
            idempotency_key: self.call.idempotency_key.clone(),
        }
    }

    fn outcome(
        &self,
        ended: Ended,
        plan: Option<&Plan>,
        faults: &Faults,
    ) -> Result<Value, Failure> {
        let outcome = match ended.outcome {
            Ok(Outcome::Done(result)) => Ok(result),
            Ok(Outcome::Failed(mut error)) => {
                if let Some(fault) = faults.last() {
                    error::explain(&mut error, fault);
                }
                Err(error)
            }
            Err(stop) => {
                // Of a plan nothing has gone out.
                let writes = if plan.is_some() { Vec::new() } else { self.ledger.in_words() };
                return Err(Failure::Stopped { stop, writes });
            }
        };
        let Some(plan) = plan else { return outcome.map_err(Failure::Action) };
        let redaction = Redaction::new(&self.checked.secrets);
        let (result, error) = match outcome {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        let report = Report::new(&self.call.action, plan, &redaction, result, error);
        Ok(json!(report))
    }
}

/// What a run may use: its tenant's limits, and no more time than its caller has.
fn limits(tenant: &TenantLimits, deadline: Option<Duration>, began: Instant) -> Limits {
    let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_sub(began.elapsed()));
    let limits = tenant.of_run();
    Limits { time: limits.time.min(left), ..limits }
}

fn graph_answer(graph: &Value) -> Option<GraphAnswer> {
    let text = |name: &str| graph.get(name)?.as_str().map(ToOwned::to_owned);
    let status = u16::try_from(graph.get("status")?.as_u64()?).ok()?;
    Some(GraphAnswer { status, code: text("code"), request_id: text("requestId") })
}
