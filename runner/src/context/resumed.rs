//! A clock whose run repeats its past in virtual time, and goes on in real time.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::clock::Virtual;

/// A clock of a run that goes on after a crash. The time in between does not count.
#[derive(Default)]
pub(super) struct Resumed {
    pub past: Virtual,
    live: OnceLock<Live>,
    gone_on: Notify,
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
        self.gone_on.notify_waiters();
    }

    pub fn now(&self) -> Duration {
        match self.live.get() {
            Some(live) => live.at.saturating_add(live.since.elapsed()),
            None => self.past.now(),
        }
    }

    pub async fn sleep_until(&self, deadline: Duration) {
        let gone_on = self.gone_on.notified();
        if !self.is_live() {
            tokio::select! {
                () = self.past.sleep_until(deadline) => return,
                () = gone_on => {}
            }
        }
        let Some(Live { since, at }) = self.live.get() else { return };
        match since.checked_add(deadline.saturating_sub(*at)) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }
}
