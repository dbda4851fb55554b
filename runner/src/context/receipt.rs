//! What a run took.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Usage;

/// What a run took, of time, of memory and of Graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// From the call to its answer, in milliseconds, waiting for a turn included.
    pub wall_ms: u64,
    /// How long the component computed, in microseconds of the processor's time.
    pub cpu_us: u64,
    /// The most linear memory that the component had, in bytes.
    pub peak_memory_bytes: u64,
    /// Requests to Graph, repeats included.
    pub graph_requests: u32,
    /// Requests that repeated an earlier one of the run.
    pub retries: u32,
    /// How long the run waited for its turn and for a throttled Graph, in milliseconds.
    pub wait_ms: u64,
    /// Bytes of bodies that came from Graph.
    pub bytes_in: u64,
    /// Bytes of bodies that went to Graph.
    pub bytes_out: u64,
}

impl Receipt {
    /// The receipt of what was taken since `began`.
    pub fn of(usage: &Usage, began: Instant) -> Self {
        Self {
            wall_ms: whole(began.elapsed().as_millis()),
            cpu_us: whole(usage.computing().as_micros()),
            peak_memory_bytes: u64::try_from(usage.memory()).unwrap_or(u64::MAX),
            graph_requests: usage.requests(),
            retries: usage.retries(),
            wait_ms: whole(usage.waiting().as_millis()),
            bytes_in: usage.bytes_in(),
            bytes_out: usage.bytes_out(),
        }
    }
}

fn whole(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
