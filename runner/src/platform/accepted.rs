//! Runs that nobody waits for: accepted first, and run when they have their permits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tracing::Instrument;
use uuid::Uuid;

use super::admission::{Admitted, Counted};
use super::call::{Admissible, Call, CallResult};
use super::failure::{Failure, Refusal};
use super::generated::HasGenerated;
use super::handle::RunHandle;
use super::run::{Ended, GoesOn, Progress, Running, context};
use super::{Inner, Platform};
use crate::contract::Connection;
use crate::egress::journal::Durable;
use crate::journal::{JournalError, RunJournal};
use crate::limits::Limits;
use crate::run;
use crate::telemetry::spans;

/// How long a run waits for room in this process before others may take it.
const PATIENCE: Duration = Duration::from_millis(500);

/// A call that was accepted. It counts in the queue of its tenant, and its beginning is in the
/// journal. Dropping it leaves the run to the next process.
pub struct Accepted {
    run: Uuid,
    call: Call,
    admissible: Admissible,
    entered: Counted,
    granted: Option<(String, Connection)>,
    limits: Limits,
    /// `None` if the platform has no journals. The run ends with the process then.
    journal: Option<RunJournal>,
    handle: RunHandle,
    has_generated: HasGenerated,
    started: Timestamp,
    began: Instant,
}

impl Accepted {
    /// Returns the run.
    pub fn run(&self) -> Uuid {
        self.run
    }

    /// Returns when it was accepted.
    pub fn at(&self) -> Timestamp {
        self.started
    }

    /// Returns what is seen of the run.
    pub fn handle(&self) -> RunHandle {
        self.handle.clone()
    }

    /// Takes the call back: it does not run. For a caller that could not note it.
    pub fn withdraw(self) {
        if let Some(journal) = self.journal {
            journal.end();
        }
    }
}

impl Platform {
    /// Accepts a call, whose deadline has no effect. When this returns, the run does not get lost:
    /// after a crash it begins, or goes on, with [`Platform::resume`].
    ///
    /// # Errors
    /// Fails when the call is rejected, or its beginning cannot be written.
    pub async fn accept(&self, call: Call) -> Result<Accepted, Failure> {
        self.0.accept(call).await
    }

    /// Runs an accepted call. Dropping the future does not stop the run.
    pub async fn run_accepted(&self, accepted: Accepted) -> CallResult {
        let (run, inner) = (accepted.run, Arc::clone(&self.0));
        let called = self.0.runs.spawn(async move { inner.run_accepted(accepted).await }).await;
        called.unwrap_or_else(|error| {
            tracing::error!(%run, %error, "the host failed");
            CallResult::failed(run, Failure::Internal)
        })
    }
}

impl Inner {
    async fn accept(&self, call: Call) -> Result<Accepted, Failure> {
        let run = call.run.unwrap_or_else(Uuid::now_v7);
        let (started, began) = (Timestamp::now(), Instant::now());
        let (admissible, entered) = self.enter(&call).map_err(Failure::Refused)?;
        let has_generated = self.keep_generated(run, &call, &admissible).await?;
        let limits = admissible.tenant.tenant.limits.of_run();
        let granted = admissible.granted(limits.time);
        let journal = match self.journals.clone().zip(granted.clone()) {
            None => None,
            Some((journals, granted)) => {
                let begun = admissible.begun(run, &call, granted, limits, started);
                let journal = RunJournal::begin_synced(journals, begun).await;
                Some(journal.map_err(|error| super::durable::unwritten(&error))?)
            }
        };
        let handle = RunHandle::default();
        Ok(Accepted {
            run,
            call,
            admissible,
            entered,
            granted,
            limits,
            journal,
            handle,
            has_generated,
            started,
            began,
        })
    }

    /// Validates a call, and counts it in the queue of its tenant.
    pub(super) fn enter(&self, call: &Call) -> Result<(Admissible, Counted), Refusal> {
        if self.stopping.is_cancelled() {
            return Err(Refusal::Stopping);
        }
        let tenant = self.tenants.load().get(&call.tenant).cloned();
        let tenant = tenant.ok_or(Refusal::NoSuchTenant)?;
        let admissible = Admissible::new(self.host.load_full(), tenant, call)?;
        let keeps = call.unattended || admissible.changes_something(call);
        if keeps && self.journals.as_ref().is_some_and(|journals| !journals.is_available()) {
            return Err(Refusal::Unavailable);
        }
        let entered = admissible.tenant.admission.enter()?;
        Ok((admissible, entered))
    }

    async fn run_accepted(&self, accepted: Accepted) -> CallResult {
        let Accepted { run, call, journal, handle, began, .. } = &accepted;
        let span = spans::run(*run, Some(&call.tenant), Some(&call.action));
        let goes_on = if journal.is_some() { GoesOn::Always } else { GoesOn::Never };
        let ended = self.run_when_admitted(&accepted, goes_on).instrument(span.clone()).await;
        CallResult::ended(*run, ended, &handle.usage, *began, &span)
            .with_journal(journal.clone(), goes_on)
    }

    async fn run_when_admitted(&self, accepted: &Accepted, goes_on: GoesOn) -> Ended {
        let Accepted { run, call, admissible, granted, limits, handle, .. } = accepted;
        let admitted = self.permits_or_offer(accepted).await;
        // The clock begins with the run, and not in the queue.
        let clock = admissible.backend().clock().noted();
        let context = context(*run, call, admissible, *limits, clock);
        let context = context.watched(handle.usage.clone(), handle.cancellation.clone());
        let changes = admissible.checked.policy.changes_something();
        let journal = accepted.journal.clone().filter(|_| changes);
        let durable = journal.map(|journal| {
            Durable::new(journal, Vec::new(), context.clock.clone(), context.cancellation.clone())
        });
        let running = Running {
            call,
            admissible,
            granted: granted.clone(),
            context,
            started: accepted.started,
            began: accepted.began,
            watcher: None,
            progress: Progress::New,
            goes_on,
        };
        let mut ended = match admitted {
            Ok(_permits) => self.run_and_log(&running, durable).await,
            Err(failure) => self.log_if_ended(&running, (Err(failure.into()), Vec::new())).await,
        };
        let goes_on = goes_on.after(&ended.0);
        self.settle_generated(*run, accepted.has_generated, &mut ended, goes_on).await;
        ended
    }

    /// Waits for the permits of an accepted run. While this process has no room for it, any other
    /// one may take it over.
    async fn permits_or_offer(&self, accepted: &Accepted) -> Result<Admitted, run::Failure> {
        let Accepted { call, admissible, entered, journal, handle, .. } = accepted;
        let admission = &admissible.tenant.admission;
        let may_change = admissible.changes_something(call);
        let permits = || self.permits(handle, admission.permits(entered, may_change));
        let Some(journal) = journal.as_ref().filter(|_| self.sharing.is_some()) else {
            return permits().await;
        };
        if let Ok(admitted) = tokio::time::timeout(PATIENCE, permits()).await {
            return admitted;
        }
        handle.usage.waited(PATIENCE);
        let stopped =
            |error: JournalError| run::Failure::Stopped { stop: error.into(), writes: Vec::new() };
        journal.offer().await.map_err(stopped)?;
        let admitted = self.permits(handle, admission.permits_with_room(entered, may_change)).await;
        if !matches!(admitted, Err(run::Failure::Interrupted { .. })) {
            journal.claim().await.map_err(stopped)?;
        }
        admitted
    }

    /// Waits for the permits of a run. Fails when it is cut or cancelled before.
    pub(super) async fn permits(
        &self,
        handle: &RunHandle,
        permits: impl Future<Output = Admitted>,
    ) -> Result<Admitted, run::Failure> {
        let mut stopped = handle.cancellation.stop().listen();
        let queued = Instant::now();
        let admitted = tokio::select! {
            biased;
            () = self.cut.cancelled() => Err(run::Failure::Interrupted { writes: Vec::new() }),
            stop = stopped.reason() => Err(run::Failure::Stopped { stop, writes: Vec::new() }),
            admitted = permits => Ok(admitted),
        };
        handle.usage.waited(queued.elapsed());
        admitted.inspect(|_| handle.begin())
    }
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accepted").field("run", &self.run).finish_non_exhaustive()
    }
}
