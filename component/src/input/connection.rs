//! Connection ids.

use super::Problems;
use crate::bindings::connector::office365::connections::Connection;
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
