//! The journals of runs: their beginning, their end, and the runs that go on after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::Instrument;

use super::call::{Admissible, Call, CallResult};
use super::failure::{Failure, Refusal};
use super::run::{Progress, Running, context, goes_on};
use super::{Inner, Platform};
use crate::audit::Written;
use crate::context::{Stop, Usage};
use crate::egress::journal::Durable;
use crate::journal::{Begun, JournalError, PastExchange, RunJournal, Unfinished};
use crate::limits::Limits;
use crate::report::Report;
use crate::run::{self, Host};
use crate::telemetry::spans;

/// How long an interrupted run waits before it asks for its permits again.
const AGAIN: Duration = Duration::from_secs(1);

/// What becomes of the journal of a run. Clones share it.
#[derive(Clone, Debug, Default)]
pub enum Unended {
    /// There is none.
    #[default]
    None,
    /// It ends when the last clone is dropped. Until then, the run is repeated after a crash, with
    /// the same outcome.
    Ends(Arc<Ending>),
    /// It stays: the process has cut the run, which goes on when the next process starts.
    GoesOn,
}

/// The end of a journal.
#[derive(Debug)]
pub struct Ending {
    journal: RunJournal,
    stays: AtomicBool,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !self.stays.load(Ordering::Acquire) {
            self.journal.end();
        }
    }
}

impl Unended {
    /// Returns what becomes of the journal of a run with this outcome.
    pub(super) fn of(journal: Option<RunJournal>, outcome: &Result<Value, Failure>) -> Self {
        match journal {
            None => Self::None,
            Some(_) if goes_on(outcome) => Self::GoesOn,
            Some(journal) => {
                Self::Ends(Arc::new(Ending { journal, stays: AtomicBool::new(false) }))
            }
        }
    }

    /// Returns whether the run goes on when the next process starts.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::GoesOn)
    }

    /// Keeps the journal, for a caller that could not store the result.
    pub fn keep(&self) {
        if let Self::Ends(ending) = self {
            ending.stays.store(true, Ordering::Release);
        }
    }
}

/// Results are the same whether their journals have ended or not.
impl PartialEq for Unended {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Platform {
    /// Continues a run that an earlier process did not end, and returns its result. Dropping the
    /// future does not stop the run.
    pub async fn resume(&self, unfinished: Unfinished) -> CallResult {
        let run = unfinished.begun.run;
        let inner = Arc::clone(&self.0);
        let resumed = self.0.runs.spawn(async move { inner.resume(unfinished).await }).await;
        resumed.unwrap_or_else(|error| {
            tracing::error!(%run, %error, "the host failed");
            CallResult::failed(run, Failure::Internal)
        })
    }
}

impl Inner {
    /// Begins the journal of a run; `None` if the run needs none.
    pub(super) fn begin_journal(&self, running: &Running<'_>) -> Result<Option<Durable>, Failure> {
        let Running { call, admissible, granted, context, started, .. } = running;
        let changes = admissible.checked.policy.changes_something() && !call.plan;
        let journals = self.journals.as_ref().filter(|_| changes);
        let Some((journals, connection)) = journals.zip(granted.clone()) else {
            return Ok(None);
        };
        let (input, component) = (admissible.checked.fields.clone(), admissible.host.component());
        let begun = Begun {
            tenant: call.tenant.clone(),
            started_at: *started,
            idempotency_key: call.idempotency_key.clone(),
            ..Begun::now(context, connection, input, component)
        };
        let journal = RunJournal::begin(Arc::new(journals.clone()), begun);
        let journal = journal.map_err(|error| unwritten(&error))?;
        Ok(Some(Durable::new(journal, Vec::new(), context.clock.clone())))
    }

    async fn resume(&self, unfinished: Unfinished) -> CallResult {
        let (run, began) = (unfinished.begun.run, Instant::now());
        let span = spans::run(run, Some(&unfinished.begun.tenant), Some(&unfinished.begun.action));
        let usage = Usage::default();
        let resumed = self.resume_in_span(&unfinished, began, &usage).instrument(span.clone());
        let (outcome, warnings, journal) = match resumed.await {
            Ok(resumed) => resumed,
            Err(reason) => {
                let outcome = self.log_lost(&unfinished, lost(reason, &unfinished)).await;
                (outcome, Vec::new(), self.journal(&unfinished))
            }
        };
        if let Err(failure @ Failure::Run(run::Failure::Stopped { stop: Stop::Journal(_), .. })) =
            &outcome
        {
            self.leave(&unfinished, failure);
        }
        let receipt = usage.receipt(began);
        let report = outcome.as_ref().err().map(Failure::report);
        spans::ended(&span, report.as_ref().map(Report::kind_name), &receipt);
        let unended = Unended::of(journal, &outcome);
        CallResult { run, outcome, warnings, receipt, unended }
    }

    /// Continues a run. Fails with the reason why it cannot go on; nothing was sent then.
    async fn resume_in_span(
        &self,
        unfinished: &Unfinished,
        began: Instant,
        usage: &Usage,
    ) -> Result<(Result<Value, Failure>, Vec<String>, Option<RunJournal>), String> {
        let Unfinished { begun, past, damage, .. } = unfinished;
        if let Some(damage) = damage {
            return Err(damage.clone());
        }
        let journal = self.journal(unfinished).ok_or("this process keeps no journals")?;
        let host = self.host_of(begun).await?;
        let call = Call {
            run: Some(begun.run),
            idempotency_key: begun.idempotency_key.clone(),
            ..Call::new(&begun.tenant, &begun.action, Value::Object(begun.input.clone()))
        };
        let tenant = self.tenants.load().get(&begun.tenant).cloned();
        let tenant = tenant.ok_or("its tenant is gone")?;
        let admissible = Admissible::new(host, tenant, &call)
            .map_err(|refusal| Failure::Refused(refusal).report().message)?;
        is_same(&admissible, begun)?;
        let admission = &admissible.tenant.admission;
        let entered = loop {
            match admission.enter() {
                Ok(entered) => break entered,
                Err(Refusal::Busy(_) | Refusal::TooOften(_)) => tokio::time::sleep(AGAIN).await,
                Err(refusal) => return Err(Failure::Refused(refusal).report().message),
            }
        };
        let _permits = admission.permits(&entered).await;
        let limits = Limits {
            time: Duration::from_millis(begun.time_limit_ms),
            ..admissible.tenant.tenant.limits.of_run()
        };
        let clock = admissible.backend().clock().noted().resumed();
        let durable = Durable::new(journal.clone(), past.clone(), clock.clone());
        let mut context = context(begun.run, &call, &admissible, limits, clock);
        context.usage = usage.clone();
        let running = Running {
            call: &call,
            admissible: &admissible,
            granted: Some((begun.connection_id.clone(), begun.connection.clone())),
            context,
            started: begun.started_at,
            began,
            progress: if unfinished.is_logged { Progress::Logged } else { Progress::Resumed },
        };
        let (outcome, warnings) = self.run_and_log(&running, Some(durable)).await;
        Ok((outcome, warnings, Some(journal)))
    }

    fn journal(&self, unfinished: &Unfinished) -> Option<RunJournal> {
        let journals = self.journals.clone()?;
        Some(RunJournal::continued(Arc::new(journals), unfinished))
    }

    /// Returns a host with the component of a run.
    async fn host_of(&self, begun: &Begun) -> Result<Arc<Host>, String> {
        let host = self.host.load_full();
        if host.component() == begun.component {
            return Ok(host);
        }
        let kept = self.journals.as_ref().map(|journals| journals.component(&begun.component));
        let kept = kept.transpose().map_err(|error| error.to_string())?.flatten();
        let bytes = kept.ok_or_else(|| format!("its component {} is gone", begun.component))?;
        let load = move || host.with(&bytes);
        let loaded = tokio::task::spawn_blocking(load).await.map_err(|error| error.to_string())?;
        Ok(Arc::new(loaded.map_err(|error| error.to_string())?))
    }
}

/// Checks that a connection still leads to the same directory.
fn is_same(admissible: &Admissible, begun: &Begun) -> Result<(), String> {
    let link = admissible.link.as_ref().ok_or("its connection is gone")?;
    let (now, then) = (link.public(), &begun.connection);
    let same = link.id() == begun.connection_id
        && (&now.graph_url, &now.tenant, &now.access)
            == (&then.graph_url, &then.tenant, &then.access);
    if same { Ok(()) } else { Err("its connection leads elsewhere now".to_owned()) }
}

/// Returns the failure of a run that cannot go on, with its writes.
fn lost(reason: String, unfinished: &Unfinished) -> Failure {
    let writes = writes(unfinished).iter().map(Written::in_words).collect();
    run::Failure::Stopped { stop: Stop::Journal(reason), writes }.into()
}

/// Returns the writes of a run: those in its journal, and those that only the audit log has.
pub(super) fn writes(unfinished: &Unfinished) -> Vec<Written> {
    let of_journal = |exchange: &PastExchange| {
        let response = exchange.response.as_ref();
        Some(Written {
            number: exchange.request.write?,
            method: exchange.request.message.method.clone(),
            url: exchange.request.message.url.clone(),
            status: response.and_then(|response| Some(response.message.as_ref()?.status)),
            sent: response.is_none_or(|response| response.sent),
            request_id: None,
        })
    };
    let mut writes: Vec<Written> = unfinished.past.iter().filter_map(of_journal).collect();
    for write in &unfinished.logged {
        if writes.iter().all(|known| known.number != write.number) {
            writes.push(write.clone());
        }
    }
    writes
}

fn unwritten(error: &JournalError) -> Failure {
    let stop = Stop::Audit(error.to_string());
    run::Failure::Stopped { stop, writes: Vec::new() }.into()
}
