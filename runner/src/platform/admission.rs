//! Admission of runs: the limits of the tenant first, then the permits of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::TenantLimits;
use super::failure::Refusal;
use super::permits::{Borrowed, Lent};
use super::rate::Rate;
use crate::fair_queue::{FairQueue, Permit};

/// How long the room for a run waits for a permit of its tenant.
const SOON: Duration = Duration::from_millis(100);

/// The admission of one tenant.
#[derive(Debug)]
pub(super) struct Admission {
    /// A permit for each concurrent run of the tenant.
    own: Own,
    limits: Busy,
    rate: Rate,
    /// The tenant's queue for the permits of the process.
    queue: FairQueue,
    counts: Arc<Counts>,
}

/// Where the permits of a tenant come from.
#[derive(Debug)]
enum Own {
    /// This process has all.
    Alone(Arc<Semaphore>),
    /// Other processes have some.
    Shared(Arc<Borrowed>),
}

/// The permit of a tenant.
#[derive(Debug)]
enum OwnPermit {
    Alone { _permit: Option<OwnedSemaphorePermit> },
    Shared { _lent: Lent },
}

/// The number of runs of a tenant.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Running or waiting.
    present: AtomicUsize,
    running: AtomicUsize,
}

/// The runs of a tenant at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The number of running runs.
    pub running: usize,
    /// The number of waiting runs.
    pub waiting: usize,
}

/// The queue of a tenant is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the tenant has {concurrent} runs in progress and {queue} waiting, which is its limit")]
pub struct Busy {
    /// The limit of concurrent runs.
    pub concurrent: usize,
    /// The limit of waiting runs.
    pub queue: usize,
}

/// The permits of a running run.
#[derive(Debug)]
pub(super) struct Admitted {
    _permit: Permit,
    _own: OwnPermit,
    _running: Counted,
}

impl Admission {
    /// Creates the admission of a tenant from its queue for the permits of the process. `sharing`
    /// has its permits where other processes have some, too.
    pub fn new(
        limits: &TenantLimits,
        queue: FairQueue,
        counts: Arc<Counts>,
        sharing: impl FnOnce(usize) -> Option<Arc<Borrowed>>,
    ) -> Self {
        let concurrent = limits.concurrent_runs.clamp(1, Semaphore::MAX_PERMITS);
        let rate = Rate::new(limits.calls_per_minute);
        let limits = Busy { concurrent, queue: limits.queue_length };
        let alone = || Own::Alone(Arc::new(Semaphore::new(concurrent)));
        let own = sharing(concurrent).map_or_else(alone, Own::Shared);
        Self { own, limits, rate, queue, counts }
    }

    /// Counts one more run, running or waiting, while the returned value lives. A run for which the
    /// queue has no room does not count against the rate.
    pub fn enter(&self) -> Result<Counted, Refusal> {
        let limit = self.limits.concurrent.saturating_add(self.limits.queue);
        let more = |present| (present < limit).then_some(present + 1);
        match self.counts.present.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
            Ok(_) => {
                let entered = Counted(Arc::clone(&self.counts), |counts| &counts.present);
                self.rate.count().map_err(Refusal::TooOften)?;
                Ok(entered)
            }
            Err(_) => Err(Refusal::Busy(self.limits)),
        }
    }

    /// Waits for the permits of a run that has entered, and that may change something.
    pub async fn permits(&self, _: &Counted, may_change: bool) -> Admitted {
        let own = self.own.permit(may_change).await;
        let permit = self.queue.permit().await;
        self.admitted(own, permit)
    }

    /// Waits for the same permits, without holding one of the tenant while this process has no room:
    /// another process may take the run meanwhile.
    pub async fn permits_with_room(&self, _: &Counted, may_change: bool) -> Admitted {
        loop {
            let permit = self.queue.permit().await;
            if let Ok(own) = timeout(SOON, self.own.permit(may_change)).await {
                return self.admitted(own, permit);
            }
            drop(permit);
            sleep(SOON).await;
        }
    }

    fn admitted(&self, own: OwnPermit, permit: Permit) -> Admitted {
        self.counts.running.fetch_add(1, Ordering::AcqRel);
        let running = Counted(Arc::clone(&self.counts), |counts| &counts.running);
        Admitted { _permit: permit, _own: own, _running: running }
    }
}

impl Own {
    async fn permit(&self, may_change: bool) -> OwnPermit {
        match self {
            // The semaphore is never closed.
            Self::Alone(own) => {
                OwnPermit::Alone { _permit: Arc::clone(own).acquire_owned().await.ok() }
            }
            Self::Shared(own) => OwnPermit::Shared { _lent: own.permit(may_change).await },
        }
    }
}

impl Counts {
    /// Returns the current numbers.
    pub fn load(&self) -> Load {
        let running = self.running.load(Ordering::Acquire);
        let present = self.present.load(Ordering::Acquire);
        Load { running, waiting: present.saturating_sub(running) }
    }
}

/// A run that is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<Counts>, fn(&Counts) -> &AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::AcqRel);
    }
}
