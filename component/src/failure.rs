//! Building the contract's `error`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::connector::office365::types::{Error, ErrorKind, Problem, Who};

/// An error that left nothing behind: no step completed, and the call may be repeated.
/// `message` says what happened and `fix` what `who` can do about it, each in one sentence.
pub fn failure(
    kind: ErrorKind,
    message: impl Into<String>,
    fix: impl Into<String>,
    who: Who,
) -> Error {
    Error {
        kind,
        message: message.into(),
        fix: fix.into(),
        who,
        retry_safe: true,
        completed: Vec::new(),
        problems: None,
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
    let fix = "Correct the input and call the action again.";
    Error {
        problems: Some(problems),
        ..failure(ErrorKind::InvalidInput, message, fix, Who::Caller)
    }
}
