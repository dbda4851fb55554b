//! The monotonic clock that a guest sees.
//!
//! A real clock counts from the start of the run. A virtual clock stands still while anything is
//! busy, and jumps to the next deadline when everything waits: a wait of 90 seconds takes no
//! time, and two replays see the same times. The clock of a run that goes on after a crash is
//! virtual up to there, and real from there on.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::readings::Readings;
use super::resumed::Resumed;

/// The origin of the moments of all real clocks in this process.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The clock of one run.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    readings: Readings,
}

#[derive(Clone)]
enum Source {
    Real { start: Instant },
    Virtual(Arc<Virtual>),
    Resumed(Arc<Resumed>),
}

#[derive(Default)]
pub(super) struct Virtual {
    state: Mutex<Waiters>,
    changed: Notify,
}

#[derive(Default)]
struct Waiters {
    now: Duration,
    /// The deadlines, each with a number that makes it unique.
    waiting: BTreeSet<(Duration, u64)>,
    next: u64,
    /// How many [`Busy`] guards there are.
    busy: usize,
    /// How often a guard or a deadline came or went.
    changes: u64,
}

impl Clock {
    /// Returns a real clock that starts now.
    pub fn real() -> Self {
        Self::of(Source::Real { start: Instant::now() })
    }

    /// Returns a virtual clock.
    pub fn simulated() -> Self {
        Self::of(Source::Virtual(Arc::default()))
    }

    fn of(source: Source) -> Self {
        Self { source, readings: Readings::default() }
    }

    /// Returns the clock of a run that repeats its past before it goes on: in real time, if this
    /// is a real clock.
    #[must_use]
    pub fn resumed(self) -> Self {
        match self.source {
            Source::Real { .. } => Self { source: Source::Resumed(Arc::default()), ..self },
            _ => self,
        }
    }

    /// Returns the clock with its readings noted.
    #[must_use]
    pub fn noted(self) -> Self {
        Self { readings: Readings::noted(), ..self }
    }

    /// Adds readings that the guest is to repeat.
    pub fn repeat(&self, readings: impl IntoIterator<Item = Duration>) {
        self.readings.repeat(readings);
    }

    /// Ends the past of a resumed run.
    pub fn go_on(&self) {
        if let Source::Resumed(clock) = &self.source {
            clock.go_on();
        }
    }

    /// Ends the past of a resumed run, which need not wait up to `waited` again.
    pub fn go_on_after(&self, waited: Duration) {
        if let Source::Resumed(clock) = &self.source {
            clock.go_on_after(waited);
        }
    }

    /// Returns what a guest reads from the clock.
    pub fn read(&self) -> Duration {
        match self.readings.next() {
            Some(reading) => {
                self.advance(reading);
                reading
            }
            None => {
                let now = self.now();
                self.readings.note(now);
                now
            }
        }
    }

    /// Takes the noted readings since the last call; `None` if they were too many to note.
    pub fn take_readings(&self) -> Option<Vec<Duration>> {
        self.readings.take()
    }

    /// Returns whether the clock is virtual.
    pub fn is_simulated(&self) -> bool {
        matches!(self.source, Source::Virtual(_))
    }

    /// Returns whether the clock stands still while anything is busy.
    pub fn is_virtual_now(&self) -> bool {
        match &self.source {
            Source::Real { .. } => false,
            Source::Virtual(_) => true,
            Source::Resumed(clock) => !clock.is_live(),
        }
    }

    /// Returns the time since the run began.
    pub fn now(&self) -> Duration {
        match &self.source {
            Source::Real { start } => start.elapsed(),
            Source::Virtual(clock) => clock.now(),
            Source::Resumed(clock) => clock.now(),
        }
    }

    /// Returns the present moment. All real clocks of a process share its origin; each virtual
    /// clock has its own.
    pub fn moment(&self) -> Duration {
        match &self.source {
            Source::Real { .. } | Source::Resumed(_) => BEGINNING.elapsed(),
            Source::Virtual(clock) => clock.now(),
        }
    }

    /// Waits until `deadline`.
    pub async fn sleep_until(&self, deadline: Duration) {
        self.sleep(deadline, Pauses::None).await;
    }

    async fn sleep(&self, deadline: Duration, pauses: Pauses) {
        match &self.source {
            Source::Real { start } => match start.checked_add(deadline) {
                Some(instant) => tokio::time::sleep_until(instant).await,
                None => std::future::pending().await,
            },
            Source::Virtual(clock) => clock.sleep(deadline, pauses).await,
            Source::Resumed(clock) => clock.sleep(deadline, pauses).await,
        }
    }

    /// Stops a virtual clock until the guard is dropped.
    pub fn busy(&self) -> Busy {
        if let Some(clock) = self.virtual_part() {
            let mut state = clock.state();
            state.busy += 1;
            state.changes += 1;
        }
        Busy(self.clone())
    }

    /// Waits for `duration` while holding a [`Busy`] guard.
    pub async fn sleep_while_busy(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        let deadline = self.now().saturating_add(duration);
        self.sleep(deadline, Pauses::Guard).await;
    }

    /// Awaits what holds a [`Busy`] guard of its own where it needs one, while holding one.
    pub async fn idle_during<T>(&self, future: impl Future<Output = T>) -> T {
        let _idle = Idle::new(self);
        future.await
    }

    fn virtual_part(&self) -> Option<&Virtual> {
        match &self.source {
            Source::Real { .. } => None,
            Source::Virtual(clock) => Some(clock),
            Source::Resumed(clock) => Some(&clock.past),
        }
    }

    /// Moves a virtual clock forward to the time of a repeated reading.
    fn advance(&self, to: Duration) {
        if let Some(clock) = self.virtual_part() {
            let mut state = clock.state();
            state.now = state.now.max(to);
            state.changes += 1;
            drop(state);
            clock.changed.notify_waiters();
        }
    }

    fn finished(&self) {
        if let Some(clock) = self.virtual_part() {
            let mut state = clock.state();
            state.busy = state.busy.saturating_sub(1);
            state.changes += 1;
            drop(state);
            clock.changed.notify_waiters();
        }
    }
}

/// A guard that stops a virtual clock.
pub struct Busy(Clock);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finished();
    }
}

/// A pause of a [`Busy`] guard.
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

    pub(super) fn now(&self) -> Duration {
        self.state().now
    }

    pub(super) async fn sleep(&self, deadline: Duration, pauses: Pauses) {
        let entry = Waiting::new(self, deadline, pauses);
        let mut seen = None;
        loop {
            let changed = self.changed.notified();
            match self.turn(&entry, seen) {
                Turn::Over => return,
                // Tasks that are ready run before time passes, and become busy then.
                Turn::Next(changes) => {
                    seen = Some(changes);
                    tokio::task::yield_now().await;
                }
                Turn::NotYet => changed.await,
            }
        }
    }

    /// Returns what the waiter of `entry` does next. `seen` is the number of changes when it was
    /// last its turn.
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
        entry.end(&mut state);
        Turn::Over
    }
}

/// What a waiter does next.
enum Turn {
    /// Its deadline has passed.
    Over,
    /// It is first, unless there are more changes than this number soon.
    Next(u64),
    /// It waits: something is busy, or another deadline is earlier.
    NotYet,
}

/// Whether a wait pauses a [`Busy`] guard of the one who waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pauses {
    None,
    Guard,
}

/// A deadline in [`Waiters`], until it is dropped. With it comes and goes the pause of a guard: no
/// other thread sees a moment with neither.
struct Waiting<'a> {
    clock: &'a Virtual,
    key: (Duration, u64),
    pauses: Pauses,
}

impl<'a> Waiting<'a> {
    fn new(clock: &'a Virtual, deadline: Duration, pauses: Pauses) -> Self {
        let mut state = clock.state();
        let key = (deadline, state.next);
        state.next += 1;
        state.changes += 1;
        state.waiting.insert(key);
        if pauses == Pauses::Guard {
            state.busy = state.busy.saturating_sub(1);
        }
        drop(state);
        clock.changed.notify_waiters();
        Self { clock, key, pauses }
    }

    fn end(&self, state: &mut Waiters) {
        if state.waiting.remove(&self.key) {
            state.changes += 1;
            state.busy += usize::from(self.pauses == Pauses::Guard);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.end(&mut self.clock.state());
        self.clock.changed.notify_waiters();
    }
}
