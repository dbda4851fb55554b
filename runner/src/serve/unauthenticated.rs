//! The counts of unauthenticated requests. They are logged once a second, so that they cannot fill
//! the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The interval between two log lines.
const PERIOD: Duration = Duration::from_secs(1);

/// The counts of one server. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Unauthenticated(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Whether a log line is scheduled.
    scheduled: AtomicBool,
    wrong_key: AtomicU64,
    no_key: AtomicU64,
}

impl Unauthenticated {
    /// Counts a request with a wrong key.
    pub fn with_wrong_key(&self) {
        self.count(&self.0.wrong_key);
    }

    /// Counts a request without a key.
    pub fn without_key(&self) {
        self.count(&self.0.no_key);
    }

    fn count(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
        if !self.0.scheduled.swap(true, Ordering::SeqCst) {
            let line = Line(self.clone());
            tokio::spawn(async move {
                tokio::time::sleep(PERIOD).await;
                drop(line);
            });
        }
    }
}

/// A log line, written when this is dropped: also by the runtime at the end of the process.
struct Line(Unauthenticated);

impl Drop for Line {
    fn drop(&mut self) {
        let Counts { scheduled, wrong_key, no_key } = &*self.0.0;
        // Before the counts are read, so that a concurrent request schedules another line.
        scheduled.store(false, Ordering::SeqCst);
        let (wrong_key, no_key) =
            (wrong_key.swap(0, Ordering::SeqCst), no_key.swap(0, Ordering::SeqCst));
        if wrong_key > 0 || no_key > 0 {
            tracing::warn!(wrong_key, no_key, "unauthenticated requests were rejected");
        }
    }
}
