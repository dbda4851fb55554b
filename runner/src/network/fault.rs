//! Why a request has no answer: for the guest as a code, for a person in words.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::recording::HttpError;

/// Why a request has no answer.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Fault {
    /// What the guest is told. It says how far the request came: a guest decides by it
    /// whether a write may be repeated.
    pub http: HttpError,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence, where that is known.
    pub fix: Option<String>,
}

impl Fault {
    /// A fault that needs no fix, or has none.
    pub(super) fn new(http: HttpError, message: impl Into<String>) -> Self {
        Self { http, message: message.into(), fix: None }
    }

    /// The same with what to do about it.
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Its words.
    pub fn explanation(&self) -> Explanation {
        Explanation { message: self.message.clone(), fix: self.fix.clone() }
    }
}

/// A fault as a person is told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub message: String,
    /// What to do about it, where that is known.
    pub fix: Option<String>,
}

/// The last fault of a run, for who has to explain the run's end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<Explanation>>>);

impl Faults {
    /// The fault of the last request, if it had one.
    pub fn last(&self) -> Option<Explanation> {
        self.cell().clone()
    }

    /// Notes how the last request went.
    pub fn note(&self, last: Option<Explanation>) {
        *self.cell() = last;
    }

    fn cell(&self) -> MutexGuard<'_, Option<Explanation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
