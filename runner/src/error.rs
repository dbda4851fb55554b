//! Errors in the form that actions' errors have, `{kind, message, fix, who, retrySafe,
//! completed, ...}`, for what ends a run from outside or keeps one from beginning.

use serde_json::{Value, json};

use crate::connections::entra_error::SignInError;
use crate::egress::live::Explanation;
use crate::sandbox::Stop;
use crate::values::Problem;

/// What comes before the fix of a run that had made writes.
pub const LOOK: &str = "Look in the tenant first, for the run may have changed it. ";

/// An error with nothing done before it.
pub fn plain(kind: &str, message: &str, fix: &str) -> Value {
    cut_short(kind, message, fix, &[])
}

/// The error of a run that could not say itself which writes it had made.
pub fn cut_short(kind: &str, message: &str, fix: &str, writes: &[String]) -> Value {
    let first = if writes.is_empty() { "" } else { LOOK };
    json!({
        "kind": kind, "message": message, "fix": format!("{first}{fix}"),
        "who": "caller", "retrySafe": writes.is_empty(), "completed": writes,
    })
}

/// The error of a run that the sandbox ended, after these writes.
pub fn stopped(stop: &Stop, writes: &[String]) -> Value {
    let kind = match stop {
        Stop::SignIn(error) => return not_signed_in(error, writes),
        Stop::Recording(_) => "recording",
        Stop::Setup { .. } | Stop::Audit { .. } => "environment",
        _ => "sandbox",
    };
    let mut told = cut_short(kind, &stop.to_string(), stop.fix(), writes);
    if let (Some(told), Some(limit)) = (told.as_object_mut(), stop.limit()) {
        told.insert("limit".to_owned(), limit.into());
    }
    told
}

/// The error of a run without a token.
fn not_signed_in(error: &SignInError, writes: &[String]) -> Value {
    let mut told = cut_short(error.kind.name(), &error.message, &error.fix, writes);
    if let Some(told) = told.as_object_mut() {
        told.insert("who".to_owned(), error.who.name().into());
        if let Some(wait) = error.retry_after {
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            told.insert("retryAfterSeconds".to_owned(), seconds.into());
        }
        if let Some(entra) = &error.entra {
            told.insert("entra".to_owned(), json!(entra));
        }
    }
    told
}

/// The error of an input that is refused before anything is sent.
pub fn refusal(problems: &[Problem]) -> Value {
    let message = match problems {
        [one] if one.pointer.is_empty() => format!("the input is wrong: {}", one.message),
        [one] => format!("the input is wrong at {}: {}", one.pointer, one.message),
        _ => format!("{} things are wrong with the input", problems.len()),
    };
    json!({
        "kind": "invalid-input", "message": message,
        "fix": "Correct the input and call again; nothing was sent.",
        "who": "caller", "retrySafe": true, "completed": [], "problems": problems,
    })
}

/// An action's `error`, with what the network's own client knows of a lost or refused
/// connection.
pub fn explain(error: &mut Value, fault: Explanation) {
    if kind(error) != "transport" {
        return;
    }
    if let Some(error) = error.as_object_mut() {
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        let message = format!("{} In detail: {}.", message.trim_end(), fault.message);
        error.insert("message".to_owned(), message.into());
        if let Some(fix) = fault.fix {
            error.insert("fix".to_owned(), fix.into());
        }
    }
}

/// What kind of error it is.
pub fn kind(error: &Value) -> &str {
    error.get("kind").and_then(Value::as_str).unwrap_or_default()
}
