//! Connection ids.

use alloc::string::String;

use super::{Problems, names};
use crate::bindings::connector::office365::connections::{Access, Connection};
use crate::graph::Host;

/// The longest time limit of a run, in milliseconds: a week.
const LONGEST_RUN: u32 = 7 * 24 * 60 * 60 * 1000;

/// Asks the host for the connection `id`; none, and a problem, when it knows none, or describes
/// it in a way that no run can use. Some hosts turn a value of another type, or none, into a
/// wrong one: jco makes 0 of `undefined`, and 4294967295 of -1.
pub fn connection(problems: &mut Problems, host: &mut Host<'_>, id: &str) -> Option<Connection> {
    let connection = match host.connections.describe(id) {
        Ok(connection) => connection,
        Err(reason) => {
            problems.add("/connectionId", reason);
            return None;
        }
    };
    let mut is_usable = true;
    for problem in wrong(&connection) {
        problems.add("/connectionId", problem);
        is_usable = false;
    }
    is_usable.then_some(connection)
}

/// What is wrong with a connection as the host describes it.
fn wrong(connection: &Connection) -> impl Iterator<Item = String> {
    let Connection { graph_url, tenant, time_limit_ms, .. } = connection;
    let graph = (!is_version_root(graph_url)).then(|| {
        format!("its Graph address is '{graph_url}'; expected Graph's version root without a slash at the end, such as https://graph.microsoft.com/v1.0")
    });
    let tenant = (!is_domain_or_id(tenant)).then(|| {
        format!("its tenant is '{tenant}'; expected the tenant's domain or id, such as contoso.onmicrosoft.com")
    });
    let limit = (!(1..=LONGEST_RUN).contains(time_limit_ms))
        .then(|| format!("its time limit is {time_limit_ms} ms; expected 1 to {LONGEST_RUN}"));
    [graph, tenant, limit].into_iter().flatten()
}

fn is_version_root(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '@');
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && !rest.ends_with('/')
            && rest.chars().all(plain)
    })
}

fn is_domain_or_id(tenant: &str) -> bool {
    let foreign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '/');
    !tenant.is_empty() && !tenant.contains(foreign)
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
