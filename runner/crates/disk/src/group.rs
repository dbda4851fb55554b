//! Group commit: one thread takes every request that has come while it was writing, and
//! writes and syncs all of them at once. The cost of a request falls as more of them come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

/// What the thread of a [`GroupCommit`] does.
pub trait Commit {
    /// A request, with the channel on which its sender waits for the outcome.
    type Request: Send + 'static;

    /// The most requests in one batch.
    const MOST: usize;

    /// The size of a batch, in bytes, at which nothing is added to it.
    const FULL: usize;

    /// What a request adds to the size of its batch, in bytes.
    fn size(request: &Self::Request) -> usize;

    /// How long the thread waits for a request; after that it commits an empty batch. `None`
    /// is for ever.
    fn patience(&self) -> Option<Duration>;

    /// Carries out a batch, in the order in which the requests were sent.
    fn commit(&mut self, batch: Vec<Self::Request>);
}

/// A request was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many requests wait as may wait.
    Full,
    /// The thread has ended.
    Ended,
}

/// A thread that commits requests in batches. Dropping this waits until every request that
/// was sent has been carried out.
pub struct GroupCommit<R> {
    /// `None` while this is dropped, which ends the thread.
    queue: Option<Sender<R>>,
    waiting: Arc<AtomicUsize>,
    capacity: usize,
    thread: Option<JoinHandle<()>>,
}

impl<R: Send + 'static> GroupCommit<R> {
    /// Starts a thread with this name, where at most `capacity` requests may wait. `prepare`
    /// runs on that thread.
    ///
    /// # Errors
    /// When the system has no thread.
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

    /// Sends a request, which is dropped if it is refused.
    ///
    /// # Errors
    /// When too many requests wait, or the thread has ended.
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
            // The panic of a thread is on stderr already.
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

    /// `first`, and the requests that wait behind it, as far as they go into one batch.
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
