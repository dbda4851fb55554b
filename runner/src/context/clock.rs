//! The monotonic clock that a guest sees.
//!
//! A real one counts from the start of the run. A virtual one stands still while
//! anything is going on, and jumps to the next deadline when everything waits: a
//! back-off of 90 seconds takes no time, and two replays see the same times.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The moment from which all real clocks of this process count moments.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A clock for one run.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Real { start: Instant },
    Virtual(Arc<Virtual>),
}

#[derive(Default)]
struct Virtual {
    state: Mutex<Waiters>,
    changed: Notify,
}

#[derive(Default)]
struct Waiters {
    now: Duration,
    /// The deadlines that are waited for, each with a number that tells it from others.
    waiting: BTreeSet<(Duration, u64)>,
    next: u64,
    /// How many things go on that are no waiting.
    busy: usize,
    /// How often something began or ended.
    changes: u64,
}

impl Clock {
    /// A clock that runs as clocks do.
    pub fn real() -> Self {
        Self(Source::Real { start: Instant::now() })
    }

    /// A clock that jumps from deadline to deadline.
    pub fn simulated() -> Self {
        Self(Source::Virtual(Arc::default()))
    }

    /// Whether it is a virtual one.
    pub fn is_simulated(&self) -> bool {
        matches!(self.0, Source::Virtual(_))
    }

    /// The time since the run began.
    pub fn now(&self) -> Duration {
        match &self.0 {
            Source::Real { start } => start.elapsed(),
            Source::Virtual(clock) => clock.state().now,
        }
    }

    /// The present moment, which all runs on real clocks count from one beginning; a virtual
    /// clock counts from its own.
    pub fn moment(&self) -> Duration {
        match &self.0 {
            Source::Real { .. } => BEGINNING.elapsed(),
            Source::Virtual(clock) => clock.state().now,
        }
    }

    /// Waits until `deadline`.
    pub async fn sleep_until(&self, deadline: Duration) {
        match &self.0 {
            Source::Real { start } => match start.checked_add(deadline) {
                Some(instant) => tokio::time::sleep_until(instant).await,
                None => std::future::pending().await,
            },
            Source::Virtual(clock) => clock.sleep_until(deadline).await,
        }
    }

    /// Says that something goes on until the answer is dropped, so that a virtual
    /// clock stands still.
    pub fn busy(&self) -> Busy {
        if let Source::Virtual(clock) = &self.0 {
            let mut state = clock.state();
            state.busy += 1;
            state.changes += 1;
        }
        Busy(self.clone())
    }

    /// Waits for `duration` in the middle of something that said it was busy.
    pub async fn sleep_while_busy(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        let deadline = self.now().saturating_add(duration);
        let idle = Idle::new(self);
        self.sleep_until(deadline).await;
        drop(idle);
    }

    fn finished(&self) {
        if let Source::Virtual(clock) = &self.0 {
            let mut state = clock.state();
            state.busy = state.busy.saturating_sub(1);
            state.changes += 1;
            drop(state);
            clock.changed.notify_waiters();
        }
    }
}

/// Something that goes on; a virtual clock stands still until it is dropped.
pub struct Busy(Clock);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finished();
    }
}

/// A pause in something that goes on.
struct Idle<'a>(&'a Clock);

impl<'a> Idle<'a> {
    fn new(clock: &'a Clock) -> Self {
        clock.finished();
        Self(clock)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        std::mem::forget(self.0.busy());
    }
}

impl Virtual {
    fn state(&self) -> MutexGuard<'_, Waiters> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep_until(&self, deadline: Duration) {
        let entry = Waiting::new(self, deadline);
        let mut seen = None;
        loop {
            let changed = self.changed.notified();
            match self.turn(&entry, seen) {
                Turn::Over => return,
                // Whatever is ready at this moment comes before any passing of time, and
                // says that it is busy when it runs.
                Turn::Next(changes) => {
                    seen = Some(changes);
                    tokio::task::yield_now().await;
                }
                Turn::NotYet => changed.await,
            }
        }
    }

    /// What comes next for the one who waits with `entry`; `seen` is how many changes there
    /// were when it was its turn, if that was the last thing it saw.
    fn turn(&self, entry: &Waiting<'_>, seen: Option<u64>) -> Turn {
        let mut state = self.state();
        let (deadline, _) = entry.key;
        let next = state.busy == 0 && state.waiting.first() == Some(&entry.key);
        if state.now < deadline && !next {
            return Turn::NotYet;
        }
        if state.now < deadline && seen != Some(state.changes) {
            return Turn::Next(state.changes);
        }
        state.now = state.now.max(deadline);
        state.changes += 1;
        Turn::Over
    }
}

/// What comes next for someone who waits.
enum Turn {
    /// It has waited long enough.
    Over,
    /// It is the next one, if nothing else has changed; so many changes there were.
    Next(u64),
    /// Something else comes before it.
    NotYet,
}

/// A deadline in the set of those waited for, until it is dropped.
struct Waiting<'a> {
    clock: &'a Virtual,
    key: (Duration, u64),
}

impl<'a> Waiting<'a> {
    fn new(clock: &'a Virtual, deadline: Duration) -> Self {
        let mut state = clock.state();
        let key = (deadline, state.next);
        state.next += 1;
        state.changes += 1;
        state.waiting.insert(key);
        Self { clock, key }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.clock.state().waiting.remove(&self.key);
        self.clock.changed.notify_waiters();
    }
}
