//! Building the contract's `error`, and adding to one what a later step learned.

use crate::bindings::connector::office365::types::{Error, Failure, Problem, Refusal, Who};

/// A failure that left nothing behind: no step completed, and the call may be repeated.
/// `message` says what happened and `fix` what `who` can do about it, each in one sentence.
pub fn failure(message: impl Into<String>, fix: impl Into<String>, who: Who) -> Failure {
    Failure {
        message: message.into(),
        fix: fix.into(),
        who,
        retry_safe: true,
        completed: Vec::new(),
        retry_after_seconds: None,
        graph: None,
    }
}

/// Input that was refused before anything was sent, for the reasons in `problems`.
pub fn refused_input(problems: Vec<Problem>) -> Error {
    let message = match problems.as_slice() {
        [only] => format!("The input is wrong at {}: {}", only.pointer, only.message),
        several => format!("The input is wrong in {} places.", several.len()),
    };
    Error::InvalidInput(Refusal {
        message,
        fix: "Correct the input as `problems` says and call the action again.".to_owned(),
        who: Who::Caller,
        retry_safe: true,
        completed: Vec::new(),
        problems,
        graph: None,
    })
}

/// The parts that every case of `error` has.
pub struct Parts<'a> {
    /// What happened.
    pub message: &'a mut String,
    /// What to do about it.
    pub fix: &'a mut String,
    /// Whether the call may be repeated.
    pub retry_safe: &'a mut bool,
    /// The steps that were done.
    pub completed: &'a mut Vec<String>,
}

/// The common parts of `error`, to be changed in place.
pub fn parts(error: &mut Error) -> Parts<'_> {
    match error {
        Error::InvalidInput(Refusal { message, fix, retry_safe, completed, .. })
        | Error::NotFound(Failure { message, fix, retry_safe, completed, .. })
        | Error::AlreadyExists(Failure { message, fix, retry_safe, completed, .. })
        | Error::LicenseUnavailable(Failure { message, fix, retry_safe, completed, .. })
        | Error::Forbidden(Failure { message, fix, retry_safe, completed, .. })
        | Error::Unauthorized(Failure { message, fix, retry_safe, completed, .. })
        | Error::Throttled(Failure { message, fix, retry_safe, completed, .. })
        | Error::OutcomeUnknown(Failure { message, fix, retry_safe, completed, .. })
        | Error::Graph(Failure { message, fix, retry_safe, completed, .. })
        | Error::Transport(Failure { message, fix, retry_safe, completed, .. }) => {
            Parts { message, fix, retry_safe, completed }
        }
    }
}
