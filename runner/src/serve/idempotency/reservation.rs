//! Reservations of keys.

use std::fmt;

use super::{StoreError, StoredResponse, embedded, shared};

/// The duty to respond to an attempt. Dropping it marks the run as interrupted for later attempts.
#[must_use = "the key is held until there is a response"]
pub struct Reservation(Held);

enum Held {
    Embedded(embedded::Reservation),
    Shared(shared::Reservation),
}

impl Reservation {
    /// Stores the response, and sends it to the waiting attempts. It is stored when this returns,
    /// and also if the future is dropped after its first poll. Returns what the caller is to
    /// receive: the response, or the one with which another process has ended the run that it took
    /// over from this one.
    ///
    /// A store that cannot be reached is tried again for 20 seconds before this fails, and after
    /// that as long as the process lives.
    ///
    /// # Errors
    /// Fails when the response cannot be stored. It remains valid for the caller; repeats learn
    /// that the run was interrupted.
    pub async fn finish(self, response: StoredResponse) -> Result<StoredResponse, StoreError> {
        match self.0 {
            Held::Embedded(held) => held.finish(response.clone()).await.map(|()| response),
            Held::Shared(held) => held.finish(response).await,
        }
    }

    /// Returns the response with which another process ends a run that it has taken over from this
    /// one; `None` if there is none within a time.
    pub async fn elsewhere(self) -> Option<StoredResponse> {
        match self.0 {
            Held::Embedded(_) => None,
            Held::Shared(held) => held.elsewhere().await,
        }
    }

    /// Releases the key of an attempt that was rejected before it ran. The next waiting attempt
    /// gets it.
    ///
    /// # Errors
    /// Fails when the release cannot be stored. Repeats then learn that the run was interrupted.
    pub async fn forget(self) -> Result<(), StoreError> {
        match self.0 {
            Held::Embedded(held) => held.forget().await,
            Held::Shared(held) => held.forget().await,
        }
    }
}

impl From<embedded::Reservation> for Reservation {
    fn from(held: embedded::Reservation) -> Self {
        Self(Held::Embedded(held))
    }
}

impl From<shared::Reservation> for Reservation {
    fn from(held: shared::Reservation) -> Self {
        Self(Held::Shared(held))
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reservation").finish_non_exhaustive()
    }
}
