//! The limits of the store.

use std::time::Duration;

/// The limits of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The lifetime of a response, and of the entry of an interrupted run, by the wall clock.
    pub kept: Duration,
    /// The bytes of a tenant's responses. On an excess the oldest responses are evicted without
    /// their keys: a repeat gets [`NotKept`](super::Begun::NotKept).
    pub tenant_bytes: u64,
    /// The number of a tenant's keys with a response. On an excess the oldest are evicted: a repeat
    /// is a new request.
    pub tenant_entries: u64,
    /// The size of the largest stored response, in bytes.
    pub response_bytes: u64,
}

impl Default for Options {
    /// A day, longer than clients retry automatically; 10,000 keys, one for each 9 seconds of it;
    /// and space for 16 responses of the largest size.
    fn default() -> Self {
        Self {
            kept: Duration::from_secs(24 * 60 * 60),
            tenant_bytes: 64 << 20,
            tenant_entries: 10_000,
            response_bytes: 4 << 20,
        }
    }
}
