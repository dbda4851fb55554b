//! `delete-user`: deletes a user, who can be restored for 30 days.
//!
//! A user that does not exist is no error: Graph responds with 404 and the code
//! `Request_ResourceNotFound`, and only then.

use crate::bindings::connector::office365::types::{Error, ErrorKind};
use crate::bindings::exports::connector::office365::accounts::DeleteUserInput;
use crate::graph::error::{CallError, Doing};
use crate::graph::{Graph, Host, operation};
use crate::input::{Problems, connection, names};

fn check<'a>(mut host: Host<'a>, input: &DeleteUserInput) -> Result<Graph<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    names::principal_name(&mut problems, &input.user_principal_name);
    let connection = problems.or_refuse(connection)?;
    Graph::open(host, &input.connection_id, connection, &input.user_principal_name)
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: DeleteUserInput) -> Result<(), Error> {
    let mut graph = check(host, &input)?;
    let name = &input.user_principal_name;
    let response = graph.delete_user(name);
    match response.and_then(|response| response.result.map_err(CallError::Fault)) {
        Ok(_) => Ok(()),
        Err(CallError::Fault(fault)) if fault.is_missing_object() => Ok(()),
        Err(error) => Err(explain(&graph, error, name)),
    }
}

fn explain(graph: &Graph<'_>, error: CallError, name: &str) -> Error {
    let task = format!("delete the user {name}");
    let mut error = graph.explain(error, Doing { operation: &operation::DELETE_USER, task: &task });
    if error.kind == ErrorKind::Forbidden {
        let hint = " A user with an administrator's role can only be deleted by a higher role.";
        error.fix.push_str(hint);
    }
    error
}
