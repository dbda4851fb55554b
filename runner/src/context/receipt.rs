//! The resources that a run used.

use serde::{Deserialize, Serialize};

/// The resources that a run used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// From the call to its response, in milliseconds, with all waiting.
    pub wall_ms: u64,
    /// How long the component computed, in microseconds of processor time.
    pub cpu_us: u64,
    /// The most linear memory that the component had, in bytes.
    pub peak_memory_bytes: u64,
    /// Requests to Graph, with retries.
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
