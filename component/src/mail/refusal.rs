//! Maps Graph's responses to a mail, and to nothing else, to the contract's `error`, where
//! that names the sender or the recipient; `graph::refusals` has the rest.
//!
//! Sources: the response codes of Exchange Web Services, which Graph passes on, and for the
//! 15 minutes "Known issues with Microsoft Graph".

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::bindings::connector::office365::connections::Access;
use crate::bindings::connector::office365::types::{Error, ErrorKind, Problem, Who};
use crate::failure::failure;
use crate::graph::code::Code;
use crate::graph::fault::Fault;
use crate::graph::operation::Operation;
use crate::permissions;

/// From whom a mail goes to whom.
#[derive(Clone, Copy)]
pub struct Route<'a> {
    /// What is called.
    pub operation: &'static Operation,
    /// On whose behalf it is made.
    pub access: Access,
    /// The sender in words, to be put after "the".
    pub sender: &'a str,
    /// The recipient's address.
    pub recipient: &'a str,
}

/// The contract's error for `fault`; `None` when it is no matter of this sender or recipient.
pub fn explain(fault: &Fault, route: Route<'_>) -> Option<Error> {
    let Route { sender, recipient, .. } = route;
    let text = fault.text();
    let too_large = || {
        wrong_input(
            "",
            format!("The mail to {recipient} is too large: {}", fault.in_words()),
            "Shorten the longest input.",
            &text,
        )
    };
    let error = match (fault.status, fault.meaning()) {
        (_, Some(Code::InvalidRecipients)) => wrong_input(
            "/recipient",
            format!("Graph refused the recipient {recipient}: {text}"),
            "Correct the recipient's address.",
            &text,
        ),
        // Whatever sends this status, the size is the problem.
        (413, _) | (_, Some(Code::MessageSize)) => too_large(),
        _ if !fault.is_of_graph() => return None,
        (404, _) | (_, Some(Code::InvalidUser)) => without_mailbox(route, &text),
        // A code that says why has a row in `graph::refusals`.
        (403, None | Some(Code::RequestDenied)) if !fault.asks_for_claims() => failure(
            ErrorKind::Forbidden,
            format!("The connection may not send mail as the {sender}: {text}"),
            missing_permission(route, fault.has_permission()),
            Who::TenantAdmin,
        ),
        _ => return None,
    };
    Some(Error { graph: fault.record(), ..error })
}

fn wrong_input(pointer: &str, message: String, fix: &str, text: &str) -> Error {
    let problem = Problem { pointer: pointer.to_owned(), message: text.to_owned() };
    Error {
        problems: Some(vec![problem]),
        ..failure(ErrorKind::InvalidInput, message, fix, Who::Caller)
    }
}

fn missing_permission(route: Route<'_>, is_granted: bool) -> String {
    if is_granted {
        return format!(
            "See that no application access policy of Exchange and no block keeps the connection from the mailbox of the {}: the permission is granted already.",
            route.sender
        );
    }
    let call = route.operation.name;
    let least = permissions::least(call, route.access).unwrap_or(call);
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
