//! The outcome of a run: the guest's result as JSON, or the reason for the stop.

use wasmtime::component::{ResourceTableError, Val};
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi_http::FieldMapError;

use super::engine::MAX_STACK;
use super::state::{MAX_CALL, MAX_FIELD_BYTES, MAX_HANDLES};
use super::{Action, Outcome};
use crate::context::Stop;
use crate::limits::RunLimit;
use crate::recording::redaction::Redaction;
use crate::values::{Form, JsonText, Unrepresentable};

/// The message of wasmtime's untyped error for a host call that exceeds its fuel.
const TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

/// The message of wasmtime's untyped error for a guest that exceeds its handles.
const TOO_MANY: &str = "store handle limit exceeded";

/// Converts the guest's return value to JSON of at most `limit` bytes.
pub fn outcome(
    action: &Action,
    mut result: Val,
    limit: usize,
    redaction: &Redaction,
) -> Result<Outcome, Stop> {
    if matches!(&result, Val::Result(Err(_))) {
        redaction.apply(&mut result);
    }
    let Val::Result(result) = result else {
        return Err(Stop::Trap("it returned a value of another type".to_owned()));
    };
    let written = |payload: Option<Box<Val>>, form: Option<&Form>| match (payload, form) {
        (Some(payload), Some(form)) => form.to_json(&payload, limit).map_err(|error| match error {
            Unrepresentable::TooLong { .. } => Stop::at(RunLimit::Result, limit),
            error => Stop::Trap(error.to_string()),
        }),
        _ => Ok(JsonText::null()),
    };
    match result {
        Ok(payload) => written(payload, action.output_form()).map(Outcome::Done),
        Err(payload) => {
            let error = written(payload, action.error_form())?;
            Ok(Outcome::Failed(error.into_value()))
        }
    }
}

/// Classifies a failed instantiation. Unless a limit or the guest itself is the cause, the
/// machine lacks a resource.
pub fn setup(error: wasmtime::Error) -> wasmtime::Error {
    if error.is::<Stop>() || error.is::<Trap>() {
        return error;
    }
    Stop::Setup(format!("{error:#}")).into()
}

/// Returns the stop for an error of wasmtime, in a run with a result limit of `result` bytes.
pub fn reason(error: wasmtime::Error, result: usize) -> Stop {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stop.clone();
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Stop::Handles(MAX_HANDLES);
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        return Stop::Headers(MAX_FIELD_BYTES);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Stop::Stack(MAX_STACK),
        Some(trap) => Stop::Trap(trap.to_string()),
        None => untyped(&error, result),
    }
}

fn untyped(error: &wasmtime::Error, result: usize) -> Stop {
    let reason = error.root_cause().to_string();
    // A guest that has returned has no frames.
    let returned = !error.is::<WasmBacktrace>();
    if reason.contains(TOO_MANY) {
        Stop::Handles(MAX_HANDLES)
    } else if reason.contains(TOO_MUCH) && returned {
        Stop::at(RunLimit::Result, result)
    } else if reason.contains(TOO_MUCH) {
        Stop::HostCall(MAX_CALL)
    } else {
        Stop::Trap(reason)
    }
}
