//! What the server tells the service manager that started it: `sd_notify(3)`.
//!
//! Without a service manager that asks for it, nothing is told.

#[cfg(unix)]
use std::io;
use std::time::Duration;

#[cfg(unix)]
use sd_notify::NotifyState;
#[cfg(unix)]
use tokio::time::MissedTickBehavior;

/// What a stop may take beside the grace of the runs: writing responses, and closing connections.
#[cfg(unix)]
const AFTER_GRACE: Duration = Duration::from_secs(30);

/// Tells that the server accepts calls, also after a reload.
#[cfg(unix)]
pub fn ready() {
    tell(Ok(vec![NotifyState::Ready]));
}

/// Tells that the server reads its configuration again.
#[cfg(unix)]
pub fn reloading() {
    tell(NotifyState::monotonic_usec_now().map(|now| vec![NotifyState::Reloading, now]));
}

/// Tells that the server stops, which can take `grace` and some time more.
#[cfg(unix)]
pub fn stopping(grace: Duration) {
    let time = grace.saturating_add(AFTER_GRACE).as_micros();
    let time = u32::try_from(time).unwrap_or(u32::MAX);
    tell(Ok(vec![NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(time)]));
}

/// Feeds the watchdog for as long as the runtime runs tasks, twice in its time.
#[cfg(unix)]
pub fn feed_watchdog() {
    let Some(time) = sd_notify::watchdog_enabled().filter(|time| !time.is_zero()) else { return };
    let mut feeding = tokio::time::interval(time / 2);
    // One feeding after a delay is enough.
    feeding.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::spawn(async move {
        loop {
            feeding.tick().await;
            tell(Ok(vec![NotifyState::Watchdog]));
        }
    });
}

/// Tells something. That it cannot be told is in the log, and does not stop the server.
#[cfg(unix)]
fn tell(state: io::Result<Vec<NotifyState<'_>>>) {
    if let Err(error) = state.and_then(|state| sd_notify::notify(&state)) {
        tracing::warn!(%error, "the service manager could not be told what the server does");
    }
}

#[cfg(not(unix))]
pub fn ready() {}

#[cfg(not(unix))]
pub fn reloading() {}

#[cfg(not(unix))]
pub fn stopping(_: Duration) {}

#[cfg(not(unix))]
pub fn feed_watchdog() {}
