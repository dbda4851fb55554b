//! From a call that failed to the contract's `error`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use super::Graph;
use super::code::Code;
use super::fault::Fault;
use super::operation::Operation;
use super::refusals::{self, Fix};
use crate::bindings::connector::office365::connections::Access;
use crate::bindings::connector::office365::types::{Error, ErrorKind, Who};
use crate::failure::failure;
use crate::permissions;

/// Why a call to Graph has no result.
#[derive(Clone, Debug)]
pub enum CallError {
    /// Graph refused it.
    Fault(Fault),
    /// Graph stayed busy, or the run's time is used up.
    Throttled {
        /// How long to wait before the next attempt, where that is known.
        wait: Option<Duration>,
        /// The last response.
        fault: Fault,
    },
    /// The run's own time is used up.
    OutOfTime {
        /// What was done until then, to be put after "after".
        progress: Option<String>,
    },
    /// Graph could not be reached, or did not respond to a read.
    Unreachable {
        /// What happened, to be put after a colon.
        message: String,
        /// How long to wait before the next attempt, where that is known.
        wait: Option<Duration>,
    },
    /// The request cannot be sent, however often it is tried.
    NotPossible {
        /// What happened, to be put after a colon.
        message: String,
    },
    /// A change was sent, and its response is lost.
    Lost {
        /// What happened, to be put after a colon.
        message: String,
        /// What came in its place.
        fault: Option<Fault>,
    },
    /// Graph responded with success, but not as it is documented to.
    Malformed {
        /// What was expected, to be put after a colon.
        message: String,
    },
    /// Graph responded without a property that was asked for.
    Hidden {
        /// The property, in Graph's name of it.
        property: &'static str,
    },
}

impl CallError {
    /// Graph's refusal, when that is what it is.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            CallError::Fault(fault) => Some(fault),
            _ => None,
        }
    }
}

/// A call in words, for its errors.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// What is called.
    pub operation: &'static Operation,
    /// What it is for, such as "read the user allen@contoso.onmicrosoft.com".
    pub task: &'a str,
}

impl Graph<'_> {
    /// The contract's error for `error`, which kept the run from `doing`.
    pub fn explain(&self, error: CallError, doing: Doing<'_>) -> Error {
        let task = doing.task;
        match error {
            CallError::Fault(fault) => explain_fault(&fault, doing, self.access()),
            CallError::Throttled { wait, fault } => throttled(wait, &fault, task),
            CallError::OutOfTime { progress } => self.out_of_time(progress, task),
            CallError::Unreachable { message, wait } => Error {
                retry_after_seconds: wait.map(seconds),
                ..failure(
                    ErrorKind::Transport,
                    format!("Graph could not be reached to {task}: {message}."),
                    "Try again; if it fails again, check the network between the runner and Graph.",
                    Who::Wait,
                )
            },
            CallError::NotPossible { message } => failure(
                ErrorKind::Transport,
                format!("The request to {task} was not sent: {message}."),
                "Check the connection's Graph address and what the host lets the action call.",
                Who::TenantAdmin,
            ),
            CallError::Lost { message, fault } => lost(&message, fault.as_ref(), task),
            CallError::Malformed { message } => failure(
                ErrorKind::Transport,
                format!("Graph's answer to the request to {task} is not readable: {message}."),
                "Try again; if it fails again, check that the connection's Graph address leads to Microsoft Graph.",
                Who::Wait,
            ),
            CallError::Hidden { property } => failure(
                ErrorKind::Forbidden,
                format!(
                    "Graph did not show the property {property} when asked to {task}, so the connection may not read it."
                ),
                permission_fix(doing.operation, self.access()),
                Who::TenantAdmin,
            ),
        }
    }

    fn out_of_time(&self, progress: Option<String>, task: &str) -> Error {
        let limit = in_words(self.limit);
        let after = progress.map(|done| format!(", after {done}")).unwrap_or_default();
        failure(
            ErrorKind::Throttled,
            format!("The run's time limit of {limit} was used up before it could {task}{after}."),
            "Call the action again, or raise the connection's time limit.",
            Who::Wait,
        )
    }
}

fn lost(message: &str, fault: Option<&Fault>, task: &str) -> Error {
    let again = "Call the action again: doing it twice leaves the tenant as doing it once.";
    let fix = match fault {
        Some(fault) if fault.is_foreign() => format!("{BETWEEN_FIX} {again}"),
        _ => again.to_owned(),
    };
    Error {
        graph: fault.and_then(Fault::record),
        ..failure(
            ErrorKind::OutcomeUnknown,
            format!("Graph was asked to {task}, but its answer was lost: {message}."),
            fix,
            Who::Caller,
        )
    }
}

/// A wait as the contract gives it, in whole seconds, rounded up.
fn seconds(wait: Duration) -> u32 {
    let whole = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    u32::try_from(whole).unwrap_or(u32::MAX)
}

/// A wait in words, in a unit that it can be read in. Beyond a day it is no wait that a
/// caller would keep, and mostly a wrong date.
fn later(wait: Duration) -> String {
    if seconds(wait) > 86_400 {
        return "later: Graph names a time that is more than a day away".to_owned();
    }
    format!("in {}", in_words(wait))
}

/// A time in a unit that it can be read in.
fn in_words(time: Duration) -> String {
    let seconds = seconds(time);
    let (count, unit) = match seconds {
        0..=600 => (seconds, "second"),
        601..=7_200 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn throttled(wait: Option<Duration>, fault: &Fault, task: &str) -> Error {
    let who = if fault.is_of_graph() { "Graph" } else { "Graph, or something before it," };
    let (message, fix) = match wait {
        None => {
            (format!("{who} is too busy to {task}."), "Call the action again later.".to_owned())
        }
        Some(wait) => (
            format!("{who} is too busy to {task}, for longer than this run may wait."),
            format!("Call the action again {}.", later(wait)),
        ),
    };
    Error {
        retry_after_seconds: wait.map(seconds),
        graph: fault.record(),
        ..failure(ErrorKind::Throttled, message, fix, Who::Wait)
    }
}

/// What to do about a response that Graph did not make.
const BETWEEN_FIX: &str = "Check the proxy, the firewall and the connection's `graph-url`: something there answers in the place of Microsoft Graph.";

/// The same about one that may pass.
const PASSING_FIX: &str = "Try again; if it fails again, check the proxy, the firewall and the connection's `graph-url`: something there answers in the place of Microsoft Graph.";

/// The contract's error for a response that Graph did not make.
fn explain_intermediary(fault: &Fault, task: &str) -> Error {
    let (fix, who) = match fault.status {
        407 => ("Give the proxy the credentials that it asks for, in its URL.", Who::TenantAdmin),
        511 => {
            ("Sign in to the network, as its page asks for, or use another one.", Who::TenantAdmin)
        }
        500..=599 => (PASSING_FIX, Who::Wait),
        _ => (BETWEEN_FIX, Who::TenantAdmin),
    };
    failure(
        ErrorKind::Transport,
        format!(
            "Graph was asked to {task}, but something between here and Graph answered {}.",
            fault.text()
        ),
        fix,
        who,
    )
}

/// The contract's error for a refusal: what its code tells, else what its status tells.
fn explain_fault(fault: &Fault, doing: Doing<'_>, access: Access) -> Error {
    let (task, text) = (doing.task, fault.text());
    if !fault.is_of_graph() {
        return explain_intermediary(fault, task);
    }
    if let Some(refusal) = refusals::find(fault) {
        let fix = match refusal.fix {
            Fix::Text(fix) => fix.to_owned(),
            Fix::Permission => permission_fix(doing.operation, access),
        };
        let message = format!("{}, so Graph did not {task}: {text}", refusal.what);
        let passes = refusal.kind == ErrorKind::Throttled;
        return Error {
            graph: fault.record(),
            retry_after_seconds: fault.retry_after.filter(|_| passes).map(seconds),
            ..failure(refusal.kind, message, fix, refusal.who)
        };
    }
    Error { graph: fault.record(), ..explain_status(fault, doing, access) }
}

/// The contract's error for a refusal, as far as the status tells it.
fn explain_status(fault: &Fault, doing: Doing<'_>, access: Access) -> Error {
    let (task, text) = (doing.task, fault.text());
    // A gateway may pass an error on with the status of a success.
    let status = match (fault.status, fault.meaning()) {
        (200..=299, Some(Code::RequestDenied)) => 403,
        (200..=299, Some(Code::InvalidToken)) => 401,
        (status, _) => status,
    };
    match status {
        401 => failure(
            ErrorKind::Unauthorized,
            format!("Graph did not accept the connection's sign-in when asked to {task}: {text}"),
            sign_in_fix(fault, access),
            Who::TenantAdmin,
        ),
        403 => failure(
            ErrorKind::Forbidden,
            format!("The connection may not {task}: {text}"),
            forbidden_fix(fault, doing.operation, access),
            Who::TenantAdmin,
        ),
        404 if fault.is_missing_object() => failure(
            ErrorKind::NotFound,
            format!("It is not in the tenant, so the connector could not {task}: {text}"),
            "Check the name and the connection's tenant.",
            Who::Caller,
        ),
        409 | 423 => failure(
            ErrorKind::Graph,
            format!("Somebody else is changing the same object, so Graph did not {task}: {text}"),
            "Call the action again later.",
            Who::Wait,
        ),
        300..=399 | 502..=504 => failure(
            ErrorKind::Transport,
            format!("Graph did not answer as it does when asked to {task}: {text}"),
            "Try again; if it fails again, check that the connection's Graph address leads to Microsoft Graph.",
            Who::Wait,
        ),
        200..=299 | 500..=599 => failure(
            ErrorKind::Graph,
            format!("Graph failed to {task}: {text}"),
            "Call the action again later; if it fails again, give Microsoft's support the request-id.",
            Who::Wait,
        ),
        _ => failure(
            ErrorKind::Graph,
            format!("Graph refused to {task}: {text}"),
            "Correct what Graph's message names.",
            Who::Caller,
        ),
    }
}

fn sign_in_fix(fault: &Fault, access: Access) -> String {
    match (access, fault.asks_for_claims()) {
        (Access::Delegated, true) => "Sign the connection in again in the way that the tenant's conditional access policy asks for.",
        (Access::AppOnly, true) => POLICY_FIX,
        (_, false) => sign_in_again(access),
    }
    .to_owned()
}

/// What to do when a sign-in is not good (any more). An application signs in by itself, so
/// that there is nobody to do it again.
pub fn sign_in_again(access: Access) -> &'static str {
    match access {
        Access::Delegated => "Sign the connection in again.",
        Access::AppOnly => {
            "Check that the connection's app registration and its secret are still good in the tenant, then verify the connection."
        }
    }
}

const POLICY_FIX: &str =
    "Satisfy or relax the tenant's conditional access policy for the connection's sign-in.";

fn forbidden_fix(fault: &Fault, operation: &Operation, access: Access) -> String {
    if fault.asks_for_claims() {
        return POLICY_FIX.to_owned();
    }
    match operation.role.filter(|_| fault.has_permission()) {
        Some(role) => role_fix(role, access),
        None => permission_fix(operation, access),
    }
}

/// What to do where the permission is there: the role comes first.
fn role_fix(role: &str, access: Access) -> String {
    let whom = match access {
        Access::Delegated => "the signed-in user",
        Access::AppOnly => "the application",
    };
    format!(
        "Give {whom} a role that allows it for this object, such as {role}: the permission is granted already."
    )
}

/// What to grant so that `operation` may be called.
fn permission_fix(operation: &Operation, access: Access) -> String {
    let kind = match access {
        Access::Delegated => "delegated",
        Access::AppOnly => "application",
    };
    match (permissions::least(operation.name, access), access) {
        (Some(least), Access::Delegated) => format!(
            "Grant the app registration the {kind} permission {least}, with admin consent, and the signed-in user a role that allows it."
        ),
        (Some(least), Access::AppOnly) => {
            format!("Grant the app registration the {kind} permission {least}, with admin consent.")
        }
        (None, _) => {
            format!("Grant the app registration the {kind} permission for {}.", operation.name)
        }
    }
}
