//! From what Graph answers to a mail, and to nothing else, to the contract's `error`.
//!
//! Sources: the response codes of Exchange Web Services, which Graph passes on, and for the
//! 15 minutes "Known issues with Microsoft Graph".

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::bindings::connector::office365::connections::Access;
use crate::bindings::connector::office365::types::{Error, ErrorKind, Problem, Who};
use crate::failure::failure;
use crate::graph::fault::Fault;
use crate::permissions;

/// From whom a mail goes to whom.
#[derive(Clone, Copy)]
pub struct Route<'a> {
    /// The call's name in `wit/actions.toml`.
    pub call: &'static str,
    /// On whose behalf it is made.
    pub access: Access,
    /// The sender in words, to be put after "the".
    pub sender: &'a str,
    /// The recipient's address.
    pub recipient: &'a str,
}

/// The contract's error for `fault`; none when it is no matter of mails.
pub fn explain(fault: &Fault, route: Route<'_>) -> Option<Error> {
    let Route { sender, recipient, .. } = route;
    let text = fault.text();
    let error = match fault.status {
        _ if fault.means("ErrorInvalidRecipients") => wrong_input(
            "/recipient",
            format!("Graph refused the recipient {recipient}: {text}"),
            "Correct the recipient's address.",
            &text,
        ),
        413 => wrong_input(
            "",
            format!("The mail to {recipient} is larger than Graph takes: {text}"),
            "Shorten the longest input.",
            &text,
        ),
        _ if fault.means("ErrorSendAsDenied") => failure(
            ErrorKind::Forbidden,
            format!("The {sender} may not send under the mailbox's address: {text}"),
            "Grant the permission to send as the mailbox in Exchange, or let the connection send from another mailbox.",
            Who::TenantAdmin,
        ),
        status if status == 404 || fault.means("ErrorInvalidUser") => without_mailbox(route, &text),
        403 if !fault.asks_for_claims() => failure(
            ErrorKind::Forbidden,
            format!("The connection may not send mail as the {sender}: {text}"),
            missing_permission(route),
            Who::TenantAdmin,
        ),
        _ => return None,
    };
    Some(Error { graph: Some(fault.record()), ..error })
}

fn wrong_input(pointer: &str, message: String, fix: &str, text: &str) -> Error {
    let problem = Problem { pointer: pointer.to_owned(), message: text.to_owned() };
    Error {
        problems: Some(vec![problem]),
        ..failure(ErrorKind::InvalidInput, message, fix, Who::Caller)
    }
}

fn missing_permission(route: Route<'_>) -> String {
    let least = permissions::least(route.call, route.access).unwrap_or(route.call);
    match route.access {
        Access::Delegated => format!(
            "Grant the app registration the delegated permission {least}, and sign the connection in again."
        ),
        Access::AppOnly => format!(
            "Grant the app registration the application permission {least}, with admin consent, and see that no application access policy of Exchange keeps it from the mailbox of the {}.",
            route.sender
        ),
    }
}

fn without_mailbox(route: Route<'_>, text: &str) -> Error {
    let other = match route.access {
        Access::Delegated => "sign the connection in as a user who has one",
        Access::AppOnly => "set the connection's `sender` to a user who has one",
    };
    failure(
        ErrorKind::NotFound,
        format!("The mailbox of the {} is not usable: {text}", route.sender),
        format!(
            "Give the {} a licence with an Exchange Online mailbox, which is ready up to 15 minutes later, or {other}; a mailbox that is hosted on premises cannot send.",
            route.sender
        ),
        Who::TenantAdmin,
    )
}
