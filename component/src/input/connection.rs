//! Connection ids.

use super::{Problems, names};
use crate::bindings::connector::office365::connections::{Access, Connection};
use crate::graph::Host;

/// Asks the host for the connection `id`; none, and a problem, when it knows none.
pub fn connection(problems: &mut Problems, host: &mut Host<'_>, id: &str) -> Option<Connection> {
    match host.connections.describe(id) {
        Ok(connection) => Some(connection),
        Err(reason) => {
            problems.add("/connectionId", reason);
            None
        }
    }
}

/// The mailbox that an application sends from; `None` when the connection names none. A
/// signed-in user sends from its own.
pub fn sender(connection: &Connection) -> Option<&str> {
    connection.sender.as_deref().filter(|sender| !sender.trim().is_empty())
}

/// Whether `sender` can be the name of a mailbox at all.
pub fn is_address(sender: &str) -> bool {
    let mut problems = Problems::default();
    names::principal_name(&mut problems, sender);
    problems.is_empty()
}

/// The same for an action that sends a mail: an application signed in as itself has no
/// mailbox of its own, so it must be told which one sends.
pub fn sending(problems: &mut Problems, host: &mut Host<'_>, id: &str) -> Option<Connection> {
    let connection = connection(problems, host, id)?;
    let named = sender(&connection).is_some_and(is_address);
    if connection.access == Access::AppOnly && !named {
        problems.add(
            "/connectionId",
            "it is app-only and names no mailbox; expected the connection's `sender` to be set to the mailbox that sends, such as noreply@contoso.onmicrosoft.com",
        );
    }
    Some(connection)
}
