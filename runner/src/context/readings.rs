//! What a guest reads from its clock: noted for the journal of the run, and repeated when the run
//! goes on from its journal.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most readings between two requests that are noted. The connector makes some ten.
const MOST: usize = 4_096;

/// The readings of one run. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Readings(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    past: VecDeque<Duration>,
    /// `None` if the readings are not noted.
    noted: Option<Vec<Duration>>,
    too_many: bool,
}

impl Readings {
    /// Notes all readings that do not repeat an earlier one.
    pub(super) fn noted() -> Self {
        let readings = Self::default();
        readings.state().noted = Some(Vec::new());
        readings
    }

    /// Adds readings that the guest is to repeat.
    pub(super) fn repeat(&self, past: impl IntoIterator<Item = Duration>) {
        self.state().past.extend(past);
    }

    /// Returns the next reading to repeat.
    pub(super) fn next(&self) -> Option<Duration> {
        self.state().past.pop_front()
    }

    /// Notes a new reading.
    pub(super) fn note(&self, reading: Duration) {
        let state = &mut *self.state();
        let Some(noted) = &mut state.noted else { return };
        match noted.len() < MOST {
            true => noted.push(reading),
            false => state.too_many = true,
        }
    }

    /// Takes the readings since the last call; `None` if they were too many to note.
    pub(super) fn take(&self) -> Option<Vec<Duration>> {
        let mut state = self.state();
        let readings = state.noted.as_mut().map(std::mem::take).unwrap_or_default();
        (!state.too_many).then_some(readings)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
