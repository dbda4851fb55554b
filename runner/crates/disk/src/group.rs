//! Group commit: one thread collects the requests that arrive while it writes, then writes
//! and syncs all of them at once. The cost of a request falls as the load rises.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

/// The work of the thread of a [`GroupCommit`].
pub trait Commit {
    /// A request, with the channel on which its sender waits for the outcome.
    type Request: Send + 'static;

    /// The most requests in one batch.
    const MOST: usize;

    /// The size of a full batch, in bytes.
    const FULL: usize;

    /// Returns the size of a request, in bytes.
    fn size(request: &Self::Request) -> usize;

    /// Returns how long the thread waits for a request before it commits an empty batch;
    /// `None` means without limit.
    fn patience(&self) -> Option<Duration>;

    /// Commits a batch, in the order in which the requests were sent.
    fn commit(&mut self, batch: Vec<Self::Request>);
}

/// Why a request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The queue is full.
    Full,
    /// The thread has ended.
    Ended,
}

/// A thread that commits requests in batches. Dropping it waits until every request that was
/// sent has been committed.
pub struct GroupCommit<R> {
    /// `None` during the drop, which ends the thread.
    queue: Option<Sender<R>>,
    waiting: Arc<AtomicUsize>,
    capacity: usize,
    thread: Option<JoinHandle<()>>,
}

impl<R: Send + 'static> GroupCommit<R> {
    /// Starts a thread with this name and a queue of `capacity` requests. `prepare` runs on
    /// that thread.
    ///
    /// # Errors
    /// Fails when the system cannot start a thread.
    pub fn start<C: Commit<Request = R>>(
        name: &str,
        capacity: usize,
        prepare: impl FnOnce() -> C + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, requests) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let source = Source { requests, waiting: Arc::clone(&waiting) };
        let thread = Builder::new().name(name.to_owned()).spawn(move || source.run(prepare()))?;
        Ok(Self { queue: Some(queue), waiting, capacity, thread: Some(thread) })
    }

    /// Sends a request, or drops it with an error.
    pub fn send(&self, request: R) -> Result<(), Refused> {
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err(Refused::Ended);
        }
        let one_more = |waiting: usize| waiting.checked_add(1).filter(|all| *all <= self.capacity);
        self.waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .map_err(|_| Refused::Full)?;
        let queue = self.queue.as_ref().ok_or(Refused::Ended)?;
        queue.send(request).map_err(|_| Refused::Ended)
    }
}

impl<R> fmt::Debug for GroupCommit<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl<R> Drop for GroupCommit<R> {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported on stderr.
            let _ = thread.join();
        }
    }
}

/// The thread's end of the queue.
struct Source<R> {
    requests: Receiver<R>,
    waiting: Arc<AtomicUsize>,
}

impl<R> Source<R> {
    /// Commits batches until the queue is closed and empty.
    fn run<C: Commit<Request = R>>(&self, mut commit: C) {
        loop {
            let first = match commit.patience() {
                None => self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(patience) => self.requests.recv_timeout(patience),
            };
            match first {
                Ok(first) => commit.commit(self.batch::<C>(first)),
                Err(RecvTimeoutError::Timeout) => commit.commit(Vec::new()),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Returns `first` and the requests queued behind it, up to a full batch.
    fn batch<C: Commit<Request = R>>(&self, first: R) -> Vec<R> {
        let (mut batch, mut size, mut next) = (Vec::new(), 0_usize, Some(first));
        while let Some(request) = next {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            size = size.saturating_add(C::size(&request));
            batch.push(request);
            let full = batch.len() >= C::MOST || size >= C::FULL;
            next = if full { None } else { self.requests.try_recv().ok() };
        }
        batch
    }
}
