//! Turns for everybody: permits that many share, and of which nobody gets the next one twice
//! while another waits.
//!
//! Each party has a [`FairQueue`]. Only the first of a line waits for a place, so that the permits,
//! given out in the order in which they are asked for, go round among the lines: who has a
//! thousand waiting delays another by one.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits that several lines wait for. Clones are of the same permits.
#[derive(Clone, Debug)]
pub struct Permits(Arc<Semaphore>);

/// One party's line. Clones are of the same line.
#[derive(Clone, Debug)]
pub struct FairQueue {
    permits: Permits,
    /// Held by the first of the line.
    first: Arc<Semaphore>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub struct Permit {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Permits {
    /// So many permits; at least one.
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// A line of its own.
    pub fn queue(&self) -> FairQueue {
        FairQueue { permits: self.clone(), first: Arc::new(Semaphore::new(1)) }
    }

    /// How many are free.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }
}

impl FairQueue {
    /// Waits for a place.
    pub async fn permit(&self) -> Permit {
        // Neither is ever closed.
        let first = Arc::clone(&self.first).acquire_owned().await.ok();
        let permit = Arc::clone(&self.permits.0).acquire_owned().await.ok();
        drop(first);
        Permit { _permit: permit }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn the_places_go_round_among_the_lines() {
        let permits = Permits::new(1);
        let (many, few) = (permits.queue(), permits.queue());
        let taken = permits.queue().permit().await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, line, count) in [("many", &many, 5), ("few", &few, 2)] {
            for _ in 0..count {
                let (line, order) = (line.clone(), Arc::clone(&order));
                tasks.push(tokio::spawn(async move {
                    let place = line.permit().await;
                    order.lock().unwrap().push(name);
                    tokio::task::yield_now().await;
                    drop(place);
                }));
                tokio::task::yield_now().await;
            }
        }
        drop(taken);
        for task in tasks {
            task.await.unwrap();
        }
        let expected = ["many", "few", "many", "few", "many", "many", "many"];
        assert_eq!(*order.lock().unwrap(), expected);
        assert_eq!(permits.free(), 1);
    }

    #[tokio::test]
    async fn who_gives_up_holds_nobody_up() {
        let permits = Permits::new(1);
        let line = permits.queue();
        let taken = line.permit().await;
        let waiting = tokio::spawn({
            let line = line.clone();
            async move { line.permit().await }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        let _ = waiting.await;
        drop(taken);
        tokio::time::timeout(std::time::Duration::from_secs(5), line.permit()).await.unwrap();
    }
}
