//! What becomes of a new user that cannot have its licence.

use alloc::string::String;

use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::graph::Graph;
use crate::graph::error::{CallError, Doing};
use crate::graph::operation;
use crate::graph::wait::Window;

/// Deletes the user that this run created, and adds to `error` what became of it. `window`
/// is the time in which a copy of the directory may not know the user yet.
pub fn undo(
    graph: &mut Graph<'_>,
    id: &str,
    name: &str,
    window: Window,
    mut error: Error,
) -> Error {
    let created = created_step(id, name);
    match delete(graph, id, window) {
        Ok(()) => {
            error = settled(error);
            error.completed.push(created);
            error.completed.push(format!("deleted user {name} again (object id {id})"));
            error.message.push_str(" The new user was deleted again, so no user is left.");
            error
        }
        Err(reason) => {
            let task = format!("delete the user {name} again");
            let reason =
                graph.explain(reason, Doing { operation: &operation::DELETE_USER, task: &task });
            let what = format!(
                "The new user {name} (object id {id}) could not be deleted again and is left, as far as is known: {}",
                reason.message
            );
            left(error, created, &what, id, name)
        }
    }
}

/// Adds to `error` that a user is left. It was found after a lost response and is taken to
/// be this run's; that is not certain enough to delete it.
pub fn leave(id: &str, name: &str, error: Error) -> Error {
    let what = format!(
        "The user {name} (object id {id}) is left: Graph's answer to its creation was lost, so it was not deleted again."
    );
    left(error, created_step(id, name), &what, id, name)
}

/// Adds to `error` that the user was created, and is there with or without its licence.
pub fn keep(id: &str, name: &str, mut error: Error) -> Error {
    error.completed.push(created_step(id, name));
    error.message.push_str(&format!(" The user is there (object id {id})."));
    // A second call would meet the user and fail.
    error.retry_safe = false;
    error
}

fn created_step(id: &str, name: &str) -> String {
    format!("created user {name} (object id {id})")
}

fn left(mut error: Error, created: String, what: &str, id: &str, name: &str) -> Error {
    error.completed.push(created);
    error.message.push(' ');
    error.message.push_str(what);
    error.fix = format!(
        "Delete the user {name} (object id {id}) before the action is called again, or keep it and assign its licence with assign-license-to-existing-user. What kept the licence: {}",
        error.fix
    );
    // A second call would meet the user that is left and fail.
    error.retry_safe = false;
    error
}

/// Once the user is gone it does not matter whether its licence was assigned: what was
/// unknown is only that Graph could not be heard.
fn settled(mut error: Error) -> Error {
    if error.kind == ErrorKind::OutcomeUnknown {
        error.kind = ErrorKind::Transport;
    }
    error
}

/// Deletes the user `id`. A 404 may come from a copy of the directory that does not know
/// it yet; that it is gone it means only when an earlier attempt may have deleted it, and
/// when no copy lags behind any more.
fn delete(graph: &mut Graph<'_>, id: &str, mut window: Window) -> Result<(), CallError> {
    let mut maybe_deleted = false;
    loop {
        let response = graph.delete_user(id)?;
        maybe_deleted |= response.lost_before;
        let Err(fault) = response.result else {
            return Ok(());
        };
        if !fault.is_missing_object() {
            return Err(CallError::Fault(fault));
        }
        if graph.pause_in(&mut window) {
            continue;
        }
        if maybe_deleted && graph.is_over(&window) {
            return Ok(());
        }
        return Err(CallError::Fault(fault));
    }
}
