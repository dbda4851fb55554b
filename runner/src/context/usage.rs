//! Counts what a run uses, and enforces its limits.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;

use super::{Receipt, Stop};
use crate::limits::{Limits, RunLimit};

/// The counters of one run. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU32,
    /// Those of the requests to which the host responded itself.
    not_sent: AtomicU32,
    retries: AtomicU32,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    memory: AtomicUsize,
    computed_ns: AtomicU64,
    waited_ns: AtomicU64,
    /// Hashes of the requests. The limit of requests bounds their number.
    seen: Mutex<HashSet<u64>>,
}

impl Usage {
    /// Returns the receipt of a run that began at `began`.
    pub fn receipt(&self, began: Instant) -> Receipt {
        let Counters { requests, not_sent, retries, bytes_in, bytes_out, .. } = &*self.0;
        Receipt {
            wall_ms: number(began.elapsed().as_millis()),
            cpu_us: self.0.computed_ns.load(Relaxed) / 1_000,
            peak_memory_bytes: number(self.0.memory.load(Relaxed)),
            graph_requests: requests.load(Relaxed).saturating_sub(not_sent.load(Relaxed)),
            retries: retries.load(Relaxed),
            wait_ms: self.0.waited_ns.load(Relaxed) / 1_000_000,
            bytes_in: bytes_in.load(Relaxed),
            bytes_out: bytes_out.load(Relaxed),
        }
    }

    /// Sets how much linear memory the guest has, in bytes. It never shrinks.
    pub fn has_memory(&self, bytes: usize) {
        self.0.memory.store(bytes, Relaxed);
    }

    /// Adds to the time that the guest computed, and returns the sum.
    pub fn computed(&self, more: Duration) -> Duration {
        Duration::from_nanos(added(&self.0.computed_ns, number(more.as_nanos())))
    }

    /// Adds to the time that the host kept the run waiting.
    pub fn waited(&self, more: Duration) {
        added(&self.0.waited_ns, number(more.as_nanos()));
    }

    /// Counts a part of a request's body, before anything keeps it.
    ///
    /// # Errors
    /// Fails when the run exceeds its limit.
    pub fn sending(&self, part: &Bytes, limits: &Limits) -> Result<(), Stop> {
        if added(&self.0.bytes_out, number(part.len())) > limits.bytes_out {
            return Err(Stop::at(RunLimit::BytesOut, limits.bytes_out));
        }
        Ok(())
    }

    /// Counts a request.
    ///
    /// # Errors
    /// Fails when the run exceeds its limit.
    pub fn request(&self, head: &Parts, body: &Bytes, limits: &Limits) -> Result<(), Stop> {
        let earlier = self.0.requests.fetch_add(1, Relaxed);
        if earlier >= limits.requests {
            self.0.requests.fetch_sub(1, Relaxed);
            return Err(Stop::at(RunLimit::Requests, limits.requests));
        }
        let mut hasher = DefaultHasher::new();
        (&head.method, &head.uri, body).hash(&mut hasher);
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.insert(hasher.finish()) {
            self.0.retries.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// Notes that a counted request was not sent. It still counts for the limit.
    pub fn not_sent(&self) {
        self.0.not_sent.fetch_add(1, Relaxed);
    }

    /// Counts bytes that came from Graph.
    ///
    /// # Errors
    /// Fails when the run exceeds its limit.
    pub fn received(&self, bytes: usize, limits: &Limits) -> Result<(), Stop> {
        if added(&self.0.bytes_in, number(bytes)) > limits.bytes_in {
            return Err(Stop::at(RunLimit::BytesIn, limits.bytes_in));
        }
        Ok(())
    }
}

/// Adds to a counter, which saturates, and returns the sum.
fn added(counter: &AtomicU64, more: u64) -> u64 {
    let sum = |before: u64| Some(before.saturating_add(more));
    let before = counter.fetch_update(Relaxed, Relaxed, sum);
    before.unwrap_or_else(|before| before).saturating_add(more)
}

fn number(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}
