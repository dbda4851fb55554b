//! Connection ids.

use super::Problems;
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

/// The same for an action that sends a mail: an application signed in as itself has no
/// mailbox of its own, so it must be told which one sends.
pub fn sending(problems: &mut Problems, host: &mut Host<'_>, id: &str) -> Option<Connection> {
    let connection = connection(problems, host, id)?;
    let named = connection.sender.as_deref().is_some_and(|sender| !sender.trim().is_empty());
    if connection.access == Access::AppOnly && !named {
        problems.add(
            "/connectionId",
            "it is app-only and names no mailbox; expected the connection's `sender` to be set to the mailbox that sends, such as noreply@contoso.onmicrosoft.com",
        );
    }
    Some(connection)
}
