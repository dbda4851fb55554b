//! Whether the mailbox that sends notifications can be used.

use alloc::borrow::ToOwned;

use super::finding::{failed, passed, refused, warning};
use crate::bindings::connector::office365::connections::Access;
use crate::bindings::connector::office365::types::Who;
use crate::bindings::exports::connector::office365::diagnostics::{Check, Finding};
use crate::graph::Graph;
use crate::graph::error::{CallError, Doing};
use crate::graph::fault::Fault;
use crate::graph::operation;
use crate::graph::users::User;
use crate::input::connection;

/// Checks the mailbox that mails are sent from: the signed-in user's own, or the one that
/// `sender` names for an application. Whether the account can sign in does not matter: that
/// of a shared mailbox cannot.
pub fn check(graph: &mut Graph<'_>, sender: Option<&str>) -> Finding {
    match (graph.access(), sender) {
        (Access::Delegated, _) => {
            let read = graph.own_mailbox();
            let doing = Doing { operation: &operation::GET_ME, task: "read the signed-in user" };
            judge(graph, read, doing, "the signed-in user")
        }
        (Access::AppOnly, Some(name)) if !connection::is_address(name) => failed(
            Check::Sender,
            format!("The connection's sender {name} is no mail address."),
            "Set the connection's sender to a mailbox of the tenant.",
            Who::TenantAdmin,
        ),
        (Access::AppOnly, Some(name)) => {
            let read = graph.mailbox(name);
            let task = format!("read the sender {name}");
            judge(graph, read, Doing { operation: &operation::GET_USER, task: &task }, name)
        }
        (Access::AppOnly, None) => warning(
            Check::Sender,
            "The connection names no sender, and an application has no mailbox of its own: notifications will not work.",
            "Set the connection's sender to a mailbox of the tenant.",
            Who::TenantAdmin,
        ),
    }
}

fn judge(
    graph: &Graph<'_>,
    read: Result<User, CallError>,
    doing: Doing<'_>,
    name: &str,
) -> Finding {
    let user = match read {
        Ok(user) => user,
        Err(error) => return unreadable(graph, error, doing, name),
    };
    let name = user.user_principal_name.as_deref().unwrap_or(name);
    if user.has_mailbox() {
        return passed(Check::Sender, format!("The sender {name} has a mailbox."));
    }
    failed(
        Check::Sender,
        format!(
            "The sender {name} has no mailbox: no plan of Exchange Online and no mail address."
        ),
        "Give the sender a licence with Exchange Online, after which the mailbox can take 15 minutes to appear, or name another sender.",
        Who::LicenseAdmin,
    )
}

fn unreadable(graph: &Graph<'_>, error: CallError, doing: Doing<'_>, name: &str) -> Finding {
    let absent = error.fault().is_some_and(Fault::is_missing_object);
    let mut error = graph.explain(error, doing);
    if absent {
        error.message = format!("The sender {name} is not in the tenant.");
        error.fix = "Set the connection's sender to a mailbox of the tenant.".to_owned();
        error.who = Who::TenantAdmin;
    }
    refused(Check::Sender, error)
}
