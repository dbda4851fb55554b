//! The rate of a tenant's calls.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use thiserror::Error;

/// The rate of one tenant's calls: a minute's calls may come at once, after which the tenant gains
/// one with each part of a minute.
#[derive(Debug)]
pub(super) struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, MonotonicClock>,
    per_minute: NonZeroU32,
}

/// The tenant calls too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the tenant has made its {per_minute} calls of the last minute")]
pub struct TooOften {
    /// The calls of a minute.
    pub per_minute: u32,
    /// The time until the next call.
    pub wait: Duration,
}

impl Rate {
    /// Creates a rate of this many calls a minute, and one at least.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(per_minute);
        Self { limiter: RateLimiter::direct_with_clock(quota, MonotonicClock), per_minute }
    }

    /// Counts a call, unless it comes too early.
    pub fn count(&self) -> Result<(), TooOften> {
        self.limiter.check().map_err(|early| TooOften {
            per_minute: self.per_minute.get(),
            wait: early.wait_time_from(self.limiter.clock().now()),
        })
    }
}
