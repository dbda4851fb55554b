//! Fair queues for shared permits.
//!
//! Each party has a [`FairQueue`]. Only the first waiter of a queue competes for a permit, so
//! permits rotate among the queues: a party with a thousand waiters delays another by one permit.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A set of permits that several queues share. Clones refer to the same set.
#[derive(Clone, Debug)]
pub struct Permits(Arc<Semaphore>);

/// The queue of one party. Clones refer to the same queue.
#[derive(Clone, Debug)]
pub struct FairQueue {
    permits: Permits,
    /// Held by the first waiter.
    first: Arc<Semaphore>,
}

/// A permit, returned when dropped.
#[derive(Debug)]
pub struct Permit {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Permits {
    /// Creates a set of `count` permits, at least one.
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Creates a queue for these permits.
    pub fn queue(&self) -> FairQueue {
        FairQueue { permits: self.clone(), first: Arc::new(Semaphore::new(1)) }
    }

    /// Returns the number of free permits.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }
}

impl FairQueue {
    /// Waits for a permit.
    pub async fn permit(&self) -> Permit {
        // The semaphores are never closed.
        let first = Arc::clone(&self.first).acquire_owned().await.ok();
        let permit = Arc::clone(&self.permits.0).acquire_owned().await.ok();
        drop(first);
        Permit { _permit: permit }
    }
}
