//! Requests that show no good key: counted, and told once a second, so that however many
//! there are they do not fill the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long requests are counted before they are told.
const PERIOD: Duration = Duration::from_secs(1);

/// The counts of one server. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Unauthenticated(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Whether somebody is about to tell them.
    awaited: AtomicBool,
    wrong_key: AtomicU64,
    no_key: AtomicU64,
}

impl Unauthenticated {
    /// Counts a request whose key is nobody's.
    pub fn with_wrong_key(&self) {
        self.count(&self.0.wrong_key);
    }

    /// Counts a request that has none.
    pub fn without_key(&self) {
        self.count(&self.0.no_key);
    }

    /// The first one since they were told lets them be told again.
    fn count(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
        if !self.0.awaited.swap(true, Ordering::SeqCst) {
            let untold = Untold(self.clone());
            tokio::spawn(async move {
                tokio::time::sleep(PERIOD).await;
                drop(untold);
            });
        }
    }
}

/// What is told when this is dropped, also with the runtime at the end of the process.
struct Untold(Unauthenticated);

impl Drop for Untold {
    fn drop(&mut self) {
        let Counts { awaited, wrong_key, no_key } = &*self.0.0;
        // Before they are read, so that one that comes now is told by somebody.
        awaited.store(false, Ordering::SeqCst);
        let (wrong_key, no_key) =
            (wrong_key.swap(0, Ordering::SeqCst), no_key.swap(0, Ordering::SeqCst));
        if wrong_key > 0 || no_key > 0 {
            tracing::warn!(wrong_key, no_key, "requests were refused that show no good key");
        }
    }
}
