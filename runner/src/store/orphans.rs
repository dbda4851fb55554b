//! The runs of processes that have died.

use uuid::Uuid;

use super::Pending;

/// What knows whether the runs of processes that have died go on.
pub trait Orphans: Send + Sync {
    /// Closes a run for good if it has sent no write; returns whether it is closed. Then nothing
    /// was done, and nothing will be: not even by its process, if that was only asleep. Otherwise
    /// the run has a journal, and a process resumes it, now or later.
    ///
    /// # Errors
    /// Fails when the store cannot be used. The run is then perhaps closed.
    fn closed(&self, run: Uuid) -> Pending<'_, bool>;
}
