//! Cancelling a run before its next write.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Stop, StopSignal};

/// Cancels a run: at once, or when the write that is under way has its response. Clones cancel the
/// same run.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stop: StopSignal,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_cancelled: bool,
    /// How many writes are under way, and 1 for the past that a run repeats.
    writes: usize,
}

/// A write or a past that is under way, until this is dropped.
#[derive(Debug)]
pub struct UnderWay(Cancellation);

impl Cancellation {
    /// Returns what cancels a run that first repeats what it did before a crash.
    pub fn repeating() -> Self {
        let cancellation = Self::default();
        cancellation.state().writes = 1;
        cancellation
    }

    /// Returns the past of a run that has repeated it.
    pub fn repeated(&self) -> UnderWay {
        UnderWay(self.clone())
    }

    /// Returns what ends the run.
    pub fn stop(&self) -> &StopSignal {
        &self.0.stop
    }

    /// Cancels the run.
    pub fn cancel(&self) {
        let mut state = self.state();
        state.is_cancelled = true;
        self.end_if_due(&state);
    }

    /// Returns whether the run is cancelled, or will be after a write.
    pub fn is_cancelled(&self) -> bool {
        self.state().is_cancelled
    }

    /// Begins a write.
    ///
    /// # Errors
    /// Fails when the run is cancelled. The write must not be sent.
    pub fn write(&self) -> Result<UnderWay, Stop> {
        let mut state = self.state();
        if state.is_cancelled {
            return Err(Stop::Cancelled);
        }
        state.writes = state.writes.saturating_add(1);
        Ok(UnderWay(self.clone()))
    }

    fn end_if_due(&self, state: &State) {
        if state.is_cancelled && state.writes == 0 {
            self.0.stop.end(Stop::Cancelled);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.writes = state.writes.saturating_sub(1);
        self.0.end_if_due(&state);
    }
}
