//! What others see of a run, and how they cancel it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::context::{Cancellation, Usage};
use crate::egress::observer::Watcher;
use crate::journal::Unfinished;

/// A run that is watched while it waits and runs. Clones are of the same run.
#[derive(Clone, Default)]
pub struct RunHandle {
    pub(super) usage: Usage,
    pub(super) cancellation: Cancellation,
    /// Receives the events of the run.
    pub(super) watcher: Option<Watcher>,
    running: Arc<AtomicBool>,
}

impl RunHandle {
    /// Returns the handle of a run whose events `watcher` receives.
    pub fn watched_by(watcher: Option<Watcher>) -> Self {
        Self { watcher, ..Self::default() }
    }

    /// Returns the handle of a run that an earlier process did not end. It is cancelled after it
    /// has repeated what it did before, so that its error tells of that.
    pub fn of(unfinished: &Unfinished) -> Self {
        match unfinished.past.is_empty() {
            true => Self::default(),
            false => Self { cancellation: Cancellation::repeating(), ..Self::default() },
        }
    }

    /// Cancels the run: at once, or when the write that is under way has its response.
    pub fn cancel(&self) {
        self.cancellation.cancel();
    }

    /// Returns whether the run is cancelled, or will be after a write.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Returns whether the run has its permits.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    /// Returns the number of requests to Graph so far.
    pub fn graph_requests(&self) -> u32 {
        self.usage.receipt(Instant::now()).graph_requests
    }

    pub(super) fn begin(&self) {
        self.running.store(true, Ordering::Release);
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle").field("is_running", &self.is_running()).finish_non_exhaustive()
    }
}
