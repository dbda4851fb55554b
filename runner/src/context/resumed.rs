//! A clock whose run repeats its past in virtual time, and goes on in real time.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::clock::{Pauses, Virtual};

/// A clock of a run that goes on after a crash. The time in between does not count.
#[derive(Default)]
pub(super) struct Resumed {
    pub past: Virtual,
    /// Up to when the run has waited in its past.
    waited: OnceLock<Duration>,
    live: OnceLock<Live>,
    changed: Notify,
}

struct Live {
    since: Instant,
    /// The time of the run at that moment.
    at: Duration,
}

impl Resumed {
    pub fn is_live(&self) -> bool {
        self.live.get().is_some()
    }

    /// Ends the past.
    pub fn go_on(&self) {
        self.live.get_or_init(|| Live { since: Instant::now(), at: self.past.now() });
        self.changed.notify_waiters();
    }

    /// Ends the past, but for waits up to `waited`, which the run has behind it.
    pub fn go_on_after(&self, waited: Duration) {
        if waited <= self.past.now() {
            return self.go_on();
        }
        self.waited.get_or_init(|| waited);
        self.changed.notify_waiters();
    }

    pub fn now(&self) -> Duration {
        match self.live.get() {
            Some(live) => live.at.saturating_add(live.since.elapsed()),
            None => self.past.now(),
        }
    }

    pub async fn sleep(&self, deadline: Duration, pauses: Pauses) {
        loop {
            let changed = self.changed.notified();
            if let Some(live) = self.live.get() {
                return live.sleep_until(deadline).await;
            }
            let end = self.waited.get().copied().unwrap_or(Duration::MAX);
            tokio::select! {
                () = self.past.sleep(deadline.min(end), pauses) => match deadline <= end {
                    true => return,
                    false => self.go_on(),
                },
                () = changed => {}
            }
        }
    }
}

impl Live {
    async fn sleep_until(&self, deadline: Duration) {
        match self.since.checked_add(deadline.saturating_sub(self.at)) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }
}
