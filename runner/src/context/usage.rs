//! What a run takes, counted while it goes on, and where its limits end it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;

use super::Stop;
use crate::limits::{Limits, RunLimit};

/// What one run has taken until now. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU32,
    /// Those of them that the host answered itself.
    not_sent: AtomicU32,
    retries: AtomicU32,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    memory: AtomicUsize,
    computed_ns: AtomicU64,
    waited_ns: AtomicU64,
    /// Hashes of the requests, of which there are at most as many as a run may make.
    seen: Mutex<HashSet<u64>>,
}

impl Usage {
    /// Requests to Graph, repeats included.
    pub fn requests(&self) -> u32 {
        let not_sent = self.0.not_sent.load(Ordering::Relaxed);
        self.0.requests.load(Ordering::Relaxed).saturating_sub(not_sent)
    }

    /// Requests that were the same as an earlier one of the run.
    pub fn retries(&self) -> u32 {
        self.0.retries.load(Ordering::Relaxed)
    }

    /// Bytes of bodies that came from Graph.
    pub fn bytes_in(&self) -> u64 {
        self.0.bytes_in.load(Ordering::Relaxed)
    }

    /// Bytes of bodies that went to Graph.
    pub fn bytes_out(&self) -> u64 {
        self.0.bytes_out.load(Ordering::Relaxed)
    }

    /// The linear memory of the guest, in bytes. It never shrinks.
    pub fn memory(&self) -> usize {
        self.0.memory.load(Ordering::Relaxed)
    }

    /// How long the guest has computed.
    pub fn computing(&self) -> Duration {
        Duration::from_nanos(self.0.computed_ns.load(Ordering::Relaxed))
    }

    /// How long the run was kept waiting by the host.
    pub fn waiting(&self) -> Duration {
        Duration::from_nanos(self.0.waited_ns.load(Ordering::Relaxed))
    }

    /// Notes how much memory the guest has.
    pub fn has_memory(&self, bytes: usize) {
        self.0.memory.store(bytes, Ordering::Relaxed);
    }

    /// Adds to the time that the guest has computed; all of it.
    pub fn computed(&self, more: Duration) -> Duration {
        Duration::from_nanos(added(&self.0.computed_ns, nanoseconds(more)))
    }

    /// Adds to the time that the run was kept waiting.
    pub fn waited(&self, more: Duration) {
        added(&self.0.waited_ns, nanoseconds(more));
    }

    /// Counts a part of a request's body, unless it is too much; before anything keeps it.
    pub fn sending(&self, part: &Bytes, limits: &Limits) -> Result<(), Stop> {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        if added(&self.0.bytes_out, length) > limits.bytes_out {
            return Err(Stop::at(RunLimit::BytesOut, limits.bytes_out));
        }
        Ok(())
    }

    /// Counts a request, unless it is one too many.
    pub fn request(&self, head: &Parts, body: &Bytes, limits: &Limits) -> Result<(), Stop> {
        let earlier = self.0.requests.fetch_add(1, Ordering::Relaxed);
        if earlier >= limits.requests {
            self.0.requests.fetch_sub(1, Ordering::Relaxed);
            return Err(Stop::at(RunLimit::Requests, limits.requests));
        }
        let mut hasher = DefaultHasher::new();
        (&head.method, &head.uri, body).hash(&mut hasher);
        let is_new = self.seen(hasher.finish());
        if !is_new {
            self.0.retries.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Notes that a request that was counted did not go out. It counts for the limit all the
    /// same.
    pub fn not_sent(&self) {
        self.0.not_sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes that came from Graph, unless they are too many.
    pub fn received(&self, bytes: usize, limits: &Limits) -> Result<(), Stop> {
        let length = u64::try_from(bytes).unwrap_or(u64::MAX);
        if added(&self.0.bytes_in, length) > limits.bytes_in {
            return Err(Stop::at(RunLimit::BytesIn, limits.bytes_in));
        }
        Ok(())
    }

    fn seen(&self, request: u64) -> bool {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(request)
    }
}

/// Adds to a counter, which never runs over; the sum.
fn added(counter: &AtomicU64, more: u64) -> u64 {
    let sum = |before: u64| Some(before.saturating_add(more));
    let before = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
    before.unwrap_or_else(|before| before).saturating_add(more)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
