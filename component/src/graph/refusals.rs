//! What Graph's error codes mean for the caller of an action, code by code.
//!
//! Microsoft documents what a code is for and not which status it comes with, so the code
//! decides, and the status only where no row has it.

use super::code::Code;
use super::fault::Fault;
use crate::bindings::connector::office365::types::{ErrorKind, Who};

/// What to do about a refusal.
#[derive(Clone, Copy)]
pub enum Fix {
    /// What the text says.
    Text(&'static str),
    /// To grant the permission that the call needs.
    Permission,
}

/// A row: a code, and what becomes of it.
pub struct Refusal {
    code: Code,
    /// A phrase of Graph's message that the row is about, in lower case; any when empty.
    phrase: &'static str,
    /// The kind of the contract's error.
    pub kind: ErrorKind,
    /// What happened, to be put before ", so Graph did not ...".
    pub what: &'static str,
    /// What to do.
    pub fix: Fix,
    /// Who can do it.
    pub who: Who,
}

const fn row(
    code: Code,
    phrase: &'static str,
    kind: ErrorKind,
    what: &'static str,
    fix: Fix,
    who: Who,
) -> Refusal {
    Refusal { code, phrase, kind, what, fix, who }
}

/// The rows; the first that fits counts. Graph's own words follow in every message.
#[rustfmt::skip]
static TABLE: [Refusal; 9] = [
    // "Resolve Microsoft Graph authorization errors": no application permission is consented.
    row(Code::NoPermissions, "", ErrorKind::Forbidden,
        "The connection's token holds no permission at all", Fix::Permission, Who::TenantAdmin),
    // The same page: the tenant has no service principal of the application.
    row(Code::IdentityNotFound, "", ErrorKind::Unauthorized,
        "The tenant does not know the connection's application",
        Fix::Text("Let an administrator of the tenant consent to the application, or correct the connection's `tenant` and `client-id`."),
        Who::TenantAdmin),
    // "Graph error responses", and texts observed in public ("Access token validation
    // failure. Invalid audience."): the token is for another cloud's Graph.
    row(Code::InvalidToken, "audience", ErrorKind::Unauthorized,
        "The connection's token is for another cloud or service",
        Fix::Text("Set the connection's `cloud` to that of the tenant, and leave out a `graph-url` or `login-url` of another cloud."),
        Who::TenantAdmin),
    // "Microsoft Entra service limits and restrictions".
    row(Code::QuotaExceeded, "", ErrorKind::Graph,
        "The tenant's directory is full",
        Fix::Text("Free directory quota: delete objects for good that are no longer needed, or raise the quota."),
        Who::TenantAdmin),
    // The rest: the response codes of Exchange Web Services ("ResponseCode"), which Graph
    // passes on, and "Exchange Online limits".
    row(Code::MessageLimit, "", ErrorKind::Throttled,
        "The mailbox that sends has reached its limit of messages or recipients",
        Fix::Text("Let the connection send from another mailbox, or call the action again later: Exchange Online counts recipients over 24 hours."),
        Who::Wait),
    row(Code::SubmissionBlocked, "", ErrorKind::Forbidden,
        "Exchange keeps the mailbox that sends from sending",
        Fix::Text("Find the mailbox under the restricted entities in Microsoft Defender, put right what is written there, and unblock it."),
        Who::TenantAdmin),
    row(Code::AccountSuspended, "", ErrorKind::Forbidden,
        "The account of the mailbox that sends is suspended",
        Fix::Text("Sign in to the account and follow the instructions in its mailbox, or let the connection send from another mailbox."),
        Who::TenantAdmin),
    row(Code::MailboxFull, "", ErrorKind::Graph,
        "The mailbox that sends is full",
        Fix::Text("Delete what the mailbox no longer needs or raise its quota, or let the connection send from another mailbox."),
        Who::TenantAdmin),
    row(Code::SendAsDenied, "", ErrorKind::Forbidden,
        "The connection may not send under the mailbox's address",
        Fix::Text("Grant the permission to send as the mailbox in Exchange, or let the connection send from another mailbox."),
        Who::TenantAdmin),
];

/// Returns the row for `fault`, or `None` when its status decides.
pub fn find(fault: &Fault) -> Option<&'static Refusal> {
    let meaning = fault.meaning()?;
    let fits =
        |row: &&Refusal| row.code == meaning && (row.phrase.is_empty() || fault.says(row.phrase));
    TABLE.iter().find(fits)
}
