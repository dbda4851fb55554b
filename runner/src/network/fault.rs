//! Why a request has no response: a code for the guest, and a message for people.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::recording::HttpError;

/// Why a request has no response.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Fault {
    /// The error for the guest. It shows how far the request came, and so whether a write may
    /// be repeated.
    pub http: HttpError,
    /// What happened, in one sentence.
    pub message: String,
    /// The fix, in one sentence, if one is known.
    pub fix: Option<String>,
}

impl Fault {
    /// Creates a fault without a fix.
    pub(super) fn new(http: HttpError, message: impl Into<String>) -> Self {
        Self { http, message: message.into(), fix: None }
    }

    /// Creates a fault of a request that was not sent, as there was no connection.
    ///
    /// Other hosts give `connection-timeout` and the codes of TLS after a request was sent, too,
    /// so the guest takes these for a lost answer. No host gives this code then.
    pub(super) fn unsent(message: impl Into<String>) -> Self {
        Self::new(HttpError::DestinationUnavailable, message)
    }

    /// Sets the fix.
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Returns the message and the fix.
    pub fn explanation(&self) -> Explanation {
        Explanation { message: self.message.clone(), fix: self.fix.clone() }
    }
}

/// The message and the fix of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub message: String,
    /// The fix, if one is known.
    pub fix: Option<String>,
}

/// The last fault of a run, to explain how the run ended. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<Explanation>>>);

impl Faults {
    /// Returns the fault of the last request, if it had one.
    pub fn last(&self) -> Option<Explanation> {
        self.cell().clone()
    }

    /// Records the outcome of the last request.
    pub fn note(&self, last: Option<Explanation>) {
        *self.cell() = last;
    }

    fn cell(&self) -> MutexGuard<'_, Option<Explanation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
