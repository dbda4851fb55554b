//! From a call that failed to the contract's `error`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use super::Graph;
use super::fault::Fault;
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
        /// Graph's last answer.
        fault: Option<Fault>,
    },
    /// Graph could not be reached, or did not answer a question.
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
    /// A change was sent, and its answer is lost.
    Lost {
        /// What happened, to be put after a colon.
        message: String,
        /// What a gateway answered in Graph's place.
        fault: Option<Fault>,
    },
    /// Graph answered with success, but not as it is documented to.
    Malformed {
        /// What was expected, to be put after a colon.
        message: String,
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
    /// The call's name in `wit/actions.toml`.
    pub call: &'static str,
    /// What it is for, such as "read the user allen@contoso.onmicrosoft.com".
    pub task: &'a str,
}

impl Graph<'_> {
    /// The contract's error for `error`, which kept the run from `doing`.
    pub fn explain(&self, error: CallError, doing: Doing<'_>) -> Error {
        let task = doing.task;
        match error {
            CallError::Fault(fault) => explain_fault(&fault, doing, self.access()),
            CallError::Throttled { wait, fault } => throttled(wait, fault, task),
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
            CallError::Lost { message, fault } => Error {
                graph: fault.as_ref().map(Fault::record),
                ..failure(
                    ErrorKind::OutcomeUnknown,
                    format!("Graph was asked to {task}, but its answer was lost: {message}."),
                    "Call the action again: doing it twice leaves the tenant as doing it once.",
                    Who::Caller,
                )
            },
            CallError::Malformed { message } => failure(
                ErrorKind::Transport,
                format!("Graph's answer to the request to {task} is not readable: {message}."),
                "Try again; if it fails again, check that the connection's Graph address leads to Microsoft Graph.",
                Who::Wait,
            ),
        }
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
    let seconds = seconds(wait);
    let (count, unit) = match seconds {
        0..=600 => (seconds, "second"),
        601..=7_200 => (seconds.div_ceil(60), "minute"),
        7_201..=86_400 => (seconds.div_ceil(3600), "hour"),
        _ => return "later: Graph names a time that is more than a day away".to_owned(),
    };
    format!("in {count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn throttled(wait: Option<Duration>, fault: Option<Fault>, task: &str) -> Error {
    let (message, fix) = match (&fault, wait) {
        (None, _) => (
            format!("The run's time was used up before it could {task}."),
            "Call the action again, or raise the connection's time limit.".to_owned(),
        ),
        (Some(_), None) => {
            (format!("Graph is too busy to {task}."), "Call the action again later.".to_owned())
        }
        (Some(_), Some(wait)) => (
            format!("Graph is too busy to {task}, for longer than this run may wait."),
            format!("Call the action again {}.", later(wait)),
        ),
    };
    Error {
        retry_after_seconds: wait.map(seconds),
        graph: fault.as_ref().map(Fault::record),
        ..failure(ErrorKind::Throttled, message, fix, Who::Wait)
    }
}

/// The contract's error for a refusal, as far as the status and the code tell it.
fn explain_fault(fault: &Fault, doing: Doing<'_>, access: Access) -> Error {
    let with_graph = |kind, message: String, fix: String, who| Error {
        graph: Some(fault.record()),
        ..failure(kind, message, fix, who)
    };
    let (task, text) = (doing.task, fault.text());
    match fault.status {
        401 => with_graph(
            ErrorKind::Unauthorized,
            format!("Graph did not accept the connection's sign-in when asked to {task}: {text}"),
            sign_in_fix(fault, access),
            Who::TenantAdmin,
        ),
        403 if fault.means("Directory_QuotaExceeded") => with_graph(
            ErrorKind::Graph,
            format!("The tenant's directory is full, so Graph did not {task}: {text}"),
            "Free directory quota: delete objects for good that are no longer needed, or raise the quota.".to_owned(),
            Who::TenantAdmin,
        ),
        403 => with_graph(
            ErrorKind::Forbidden,
            format!("The connection may not {task}: {text}"),
            forbidden_fix(fault, doing.call, access),
            Who::TenantAdmin,
        ),
        404 if fault.is_missing_object() => with_graph(
            ErrorKind::NotFound,
            format!("It is not in the tenant, so the connector could not {task}: {text}"),
            "Check the name and the connection's tenant.".to_owned(),
            Who::Caller,
        ),
        409 | 423 => with_graph(
            ErrorKind::Graph,
            format!("Somebody else is changing the same object, so Graph did not {task}: {text}"),
            "Call the action again later.".to_owned(),
            Who::Wait,
        ),
        300..=399 | 502..=504 => with_graph(
            ErrorKind::Transport,
            format!("Graph did not answer as it does when asked to {task}: {text}"),
            "Try again; if it fails again, check that the connection's Graph address leads to Microsoft Graph.".to_owned(),
            Who::Wait,
        ),
        500..=599 => with_graph(
            ErrorKind::Graph,
            format!("Graph failed to {task}: {text}"),
            "Call the action again later; if it fails again, give Microsoft's support the request-id.".to_owned(),
            Who::Wait,
        ),
        _ => with_graph(
            ErrorKind::Graph,
            format!("Graph refused to {task}: {text}"),
            "Correct what Graph's message names.".to_owned(),
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

fn forbidden_fix(fault: &Fault, call: &'static str, access: Access) -> String {
    if fault.asks_for_claims() {
        return POLICY_FIX.to_owned();
    }
    let kind = match access {
        Access::Delegated => "delegated",
        Access::AppOnly => "application",
    };
    match (permissions::least(call, access), access) {
        (Some(least), Access::Delegated) => format!(
            "Grant the app registration the {kind} permission {least}, with admin consent, and the signed-in user a role that allows it."
        ),
        (Some(least), Access::AppOnly) => {
            format!("Grant the app registration the {kind} permission {least}, with admin consent.")
        }
        (None, _) => format!("Grant the app registration the {kind} permission for {call}."),
    }
}
