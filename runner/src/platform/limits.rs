//! What one tenant of the platform may use.

use std::time::Duration;

use crate::sandbox;

/// What one tenant may use, in one run and in all its runs at a time. Whatever goes over is
/// refused, or ended, at once and says which limit it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantLimits {
    /// How many runs may go on at a time.
    pub concurrent_runs: usize,
    /// How many more may wait for their turn; a further one is refused.
    pub queue_length: usize,
    /// How long a run may take by the wall clock, from its start.
    pub time: Duration,
    /// How long a run may compute, by the processor's clock.
    pub cpu: Duration,
    /// How much linear memory a run may have, in bytes.
    pub memory: usize,
    /// How many requests a run may make to Graph, repeats included.
    pub requests: u32,
    /// How much a run may take in from Graph, in bytes of bodies.
    pub bytes_in: u64,
    /// How much a run may send to Graph, in bytes of bodies.
    pub bytes_out: u64,
    /// How large what a run returns may be, in bytes of JSON.
    pub result: usize,
}

impl Default for TenantLimits {
    /// For a tenant of some thousand users. Two minutes and 64 MiB, as from the command line;
    /// a report on 100,000 users makes 101 requests, takes in 90 MB and computes for some
    /// seconds, page by page: 8 MiB of a result are a report on 10,000 at once. The host takes
    /// up to twenty times as much for it, of the smallest records there are.
    fn default() -> Self {
        let run = sandbox::Limits::default();
        Self {
            concurrent_runs: 16,
            queue_length: 64,
            time: run.time,
            cpu: Duration::from_secs(20),
            memory: run.memory,
            requests: 1_000,
            bytes_in: 256 << 20,
            bytes_out: 16 << 20,
            result: 8 << 20,
        }
    }
}
