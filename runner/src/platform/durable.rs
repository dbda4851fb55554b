//! The journals of runs: their beginning, their end, and the runs that go on after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::Instrument;

use super::call::{Admissible, Call, CallResult};
use super::failure::{Failure, Refusal};
use super::handle::RunHandle;
use super::run::{Ended, GoesOn, Progress, Running, context};
use super::{Inner, Platform};
use crate::audit::Written;
use crate::context::Stop;
use crate::egress::journal::Durable;
use crate::journal::{Begun, JournalError, PastExchange, RunJournal, Unfinished};
use crate::limits::Limits;
use crate::run::{self, Host};
use crate::telemetry::spans;
use crate::values::JsonText;

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
    pub(super) fn of(
        journal: Option<RunJournal>,
        outcome: &Result<JsonText, Failure>,
        goes_on: GoesOn,
    ) -> Self {
        match journal {
            None => Self::None,
            Some(_) if goes_on.after(outcome) => Self::GoesOn,
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
    /// future does not stop the run, which `handle` shows; it is of [`RunHandle::of`].
    pub async fn resume(&self, unfinished: Unfinished, handle: RunHandle) -> CallResult {
        let run = unfinished.begun.run;
        let inner = Arc::clone(&self.0);
        let resumed =
            self.0.runs.spawn(async move { inner.resume(unfinished, &handle).await }).await;
        resumed.unwrap_or_else(|error| {
            tracing::error!(%run, %error, "the host failed");
            CallResult::failed(run, Failure::Internal)
        })
    }
}

impl Platform {
    /// Ends the journal of a run whose result is known.
    pub fn forget(&self, unfinished: &Unfinished) {
        if let Some(journal) = self.0.journal(unfinished) {
            journal.end();
        }
    }
}

impl Inner {
    /// Begins the journal of a run; `None` if the run needs none.
    pub(super) fn begin_journal(&self, running: &Running<'_>) -> Result<Option<Durable>, Failure> {
        let Running { call, admissible, granted, context, started, .. } = running;
        let changes = admissible.changes_something(call);
        let journals = self.journals.as_ref().filter(|_| changes);
        let Some((journals, granted)) = journals.zip(granted.clone()) else { return Ok(None) };
        let begun = admissible.begun(context.id, call, granted, context.limits, *started);
        let journal = RunJournal::begin(journals.clone(), begun);
        let journal = journal.map_err(|error| unwritten(&error))?;
        let clock = context.clock.clone();
        Ok(Some(Durable::new(journal, Vec::new(), clock, context.cancellation.clone())))
    }

    async fn resume(&self, unfinished: Unfinished, handle: &RunHandle) -> CallResult {
        let (run, began) = (unfinished.begun.run, Instant::now());
        let span = spans::run(run, Some(&unfinished.begun.tenant), Some(&unfinished.begun.action));
        let resumed = self.resume_in_span(&unfinished, began, handle).instrument(span.clone());
        let (mut ended, journal) = match resumed.await {
            Ok((ended, journal)) => (ended, Some(journal)),
            Err(reason) => {
                let outcome = self.log_lost(&unfinished, lost(reason, &unfinished)).await;
                ((outcome, Vec::new()), self.journal(&unfinished))
            }
        };
        if let Err(failure @ Failure::Run(run::Failure::Stopped { stop: Stop::Journal(_), .. })) =
            &ended.0
        {
            self.leave(&unfinished, failure);
        }
        let (has, goes_on) = (self.has_generated(run).await, GoesOn::Always.after(&ended.0));
        self.settle_generated(run, has, &mut ended, goes_on).await;
        CallResult::ended(run, ended, &handle.usage, began, &span)
            .with_journal(journal, GoesOn::Always)
    }

    /// Continues a run. Fails with the reason why it cannot go on; nothing was sent then.
    async fn resume_in_span(
        &self,
        unfinished: &Unfinished,
        began: Instant,
        handle: &RunHandle,
    ) -> Result<(Ended, RunJournal), String> {
        let Unfinished { begun, past, damage, .. } = unfinished;
        if let Some(damage) = damage {
            return Err(damage.clone());
        }
        let journal = self.journal(unfinished).ok_or("this process keeps no journals")?;
        let host = self.host_of(begun).await?;
        let call = Call {
            run: Some(begun.run),
            idempotency_key: begun.idempotency_key.clone(),
            unattended: begun.unattended,
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
        let admitted = self.permits(handle, admission.permits(&entered, true)).await;
        let limits = Limits {
            time: Duration::from_millis(begun.time_limit_ms),
            ..admissible.tenant.tenant.limits.of_run()
        };
        let clock = admissible.backend().clock().noted();
        let clock = if past.is_empty() { clock } else { clock.resumed() };
        let context = context(begun.run, &call, &admissible, limits, clock.clone());
        let context = context.watched(handle.usage.clone(), handle.cancellation.clone());
        let changes = admissible.checked.policy.changes_something();
        let durable = changes.then(|| {
            Durable::new(journal.clone(), past.clone(), clock, context.cancellation.clone())
        });
        let running = Running {
            call: &call,
            admissible: &admissible,
            granted: Some((begun.connection_id.clone(), begun.connection.clone())),
            context,
            started: begun.started_at,
            began,
            watcher: None,
            progress: if unfinished.is_logged { Progress::Logged } else { Progress::Resumed },
            goes_on: GoesOn::Always,
        };
        let ended = match admitted {
            Ok(_permits) => self.run_and_log(&running, durable).await,
            Err(failure) => self.log_if_ended(&running, (Err(failure.into()), Vec::new())).await,
        };
        Ok((ended, journal))
    }

    fn journal(&self, unfinished: &Unfinished) -> Option<RunJournal> {
        let journals = self.journals.clone()?;
        Some(RunJournal::continued(journals, unfinished))
    }

    /// Returns a host with the component of a run.
    async fn host_of(&self, begun: &Begun) -> Result<Arc<Host>, String> {
        let host = self.host.load_full();
        if host.component() == begun.component {
            return Ok(host);
        }
        let kept = match &self.journals {
            Some(journals) => journals.component(&begun.component).await,
            None => Ok(None),
        };
        let kept = kept.map_err(|error| error.to_string())?;
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

pub(super) fn unwritten(error: &JournalError) -> Failure {
    let stop = Stop::Audit(error.to_string());
    run::Failure::Stopped { stop, writes: Vec::new() }.into()
}
