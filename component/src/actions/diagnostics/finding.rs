//! What a check found.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::bindings::connector::office365::types::{Error, Who};
use crate::bindings::exports::connector::office365::diagnostics::{Check, Finding, Verdict};

/// Nothing is wrong.
pub fn passed(check: Check, message: String) -> Finding {
    Finding { check, verdict: Verdict::Passed, message, fix: None, who: None, graph: None }
}

/// Some actions will not work, or may not.
pub fn warning(check: Check, message: impl Into<String>, fix: &str, who: Who) -> Finding {
    Finding { verdict: Verdict::Warning, ..failed(check, message, fix, who) }
}

/// Something is wrong.
pub fn failed(check: Check, message: impl Into<String>, fix: &str, who: Who) -> Finding {
    Finding {
        check,
        verdict: Verdict::Failed,
        message: message.into(),
        fix: Some(fix.to_owned()),
        who: Some(who),
        graph: None,
    }
}

/// The check could not be made, for the reason in `error`.
pub fn refused(check: Check, error: Error) -> Finding {
    Finding { graph: error.graph, ..failed(check, error.message, &error.fix, error.who) }
}

/// The check was not made, because of what another one found.
pub fn skipped(check: Check, reason: &Finding) -> Finding {
    Finding {
        check,
        verdict: Verdict::Failed,
        message: format!("It was not checked. {}", reason.message),
        fix: reason.fix.clone(),
        who: reason.who,
        graph: None,
    }
}
