//! Whose run is next: a tenant's own limits first, then its turn among all tenants.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::TenantLimits;
use crate::fair_queue::{FairQueue, Permit};

/// One tenant's admission.
#[derive(Debug)]
pub(super) struct Admission {
    /// One permit for each run that may go on.
    own: Arc<Semaphore>,
    concurrent: usize,
    queue: usize,
    /// The tenant's line for the permits of the process.
    line: FairQueue,
    load: Arc<Counts>,
}

/// How many runs of a tenant there are.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Going on or waiting.
    present: AtomicUsize,
    running: AtomicUsize,
}

/// A tenant's runs at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many go on.
    pub running: usize,
    /// How many wait for their turn.
    pub waiting: usize,
}

/// Too many runs of a tenant wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{concurrent} runs of this tenant go on and {queue} wait for their turn, which is its limit"
)]
pub struct Busy {
    /// How many may go on.
    pub concurrent: usize,
    /// How many may wait.
    pub queue: usize,
}

/// A run that may go on until this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    _place: Permit,
    _own: Option<OwnedSemaphorePermit>,
    _running: Counted,
}

/// A run that is here, going on or waiting, until this is dropped.
#[derive(Debug)]
pub(super) struct Present {
    _counted: Counted,
}

impl Admission {
    /// A tenant's, which has `line` for the permits of the process.
    pub fn new(limits: &TenantLimits, line: FairQueue, load: Arc<Counts>) -> Self {
        let concurrent = limits.concurrent_runs.clamp(1, Semaphore::MAX_PERMITS);
        let queue = limits.queue_length;
        Self { own: Arc::new(Semaphore::new(concurrent)), concurrent, queue, line, load }
    }

    /// Whether one more run may come in at all.
    pub fn enter(&self) -> Result<Present, Busy> {
        let most = self.concurrent.saturating_add(self.queue);
        let more = |present| (present < most).then_some(present + 1);
        match self.load.present.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
            Ok(_) => Ok(Present { _counted: Counted(Arc::clone(&self.load), Counts::present) }),
            Err(_) => Err(Busy { concurrent: self.concurrent, queue: self.queue }),
        }
    }

    /// Waits for the turn of a run that has come in.
    pub async fn turn(&self, _: &Present) -> Admitted {
        // Never closed.
        let own = Arc::clone(&self.own).acquire_owned().await.ok();
        let place = self.line.permit().await;
        self.load.running.fetch_add(1, Ordering::AcqRel);
        let running = Counted(Arc::clone(&self.load), Counts::running);
        Admitted { _place: place, _own: own, _running: running }
    }
}

impl Counts {
    fn present(&self) -> &AtomicUsize {
        &self.present
    }

    fn running(&self) -> &AtomicUsize {
        &self.running
    }

    /// How many there are now.
    pub fn load(&self) -> Load {
        let running = self.running.load(Ordering::Acquire);
        let present = self.present.load(Ordering::Acquire);
        Load { running, waiting: present.saturating_sub(running) }
    }
}

/// One that is counted, while the value lives.
#[derive(Debug)]
struct Counted(Arc<Counts>, fn(&Counts) -> &AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::AcqRel);
    }
}
