//! The limits of the store.

use std::time::Duration;

/// The limits of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The lifetime of a response, and of the entry of an interrupted run, by the wall clock.
    pub kept: Duration,
    /// The bytes of a tenant's responses in a store of one process. On an excess the oldest responses are evicted without
    /// their keys: a repeat gets [`NotKept`](super::Begun::NotKept).
    pub tenant_bytes: u64,
    /// The number of a tenant's keys. A key is kept for its whole lifetime: when there is no room,
    /// a new one is refused with [`Full`](super::Begun::Full), so that no call runs twice.
    /// Where processes share a store, each counts only the keys that it has begun within the
    /// lifetime, so that a tenant may have as many keys as all of them admit.
    pub tenant_keys: u64,
    /// The size of the largest stored response, in bytes; at most 512 KiB where processes share a
    /// store.
    pub response_bytes: u64,
}

impl Default for Options {
    /// A day, longer than clients retry automatically; 500,000 keys, almost six for each second
    /// of it, which take some 300 MB; and space for 16 responses of the largest size.
    fn default() -> Self {
        Self {
            kept: Duration::from_secs(24 * 60 * 60),
            tenant_bytes: 64 << 20,
            tenant_keys: 500_000,
            response_bytes: 4 << 20,
        }
    }
}
