//! The failures of calls.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::admission::Busy;
use super::rate::TooOften;
use crate::context::Stop;
use crate::report::{Kind, Report};
use crate::run::{self, OpenError};
use crate::values::Problem;

/// The time after which to repeat a call that failed for a temporary reason.
const SOON: Duration = Duration::from_secs(1);

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The call was rejected: there was no run, and nothing was sent.
    Refused(Refusal),
    /// The run has no result.
    Run(run::Failure),
    /// The connection cannot be opened.
    Connection(String),
    /// The run finished, and could not be logged in the audit log.
    Audit {
        /// The reason.
        reason: String,
        /// The writes that were sent, in words.
        writes: Vec<String>,
    },
    /// The host failed.
    Internal,
}

/// Why a call was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The tenant does not exist.
    NoSuchTenant,
    /// The action does not exist.
    NoSuchAction {
        /// The most similar name.
        nearest: Option<String>,
    },
    /// The tenant may not run the action.
    NotAllowed {
        /// The action.
        action: String,
    },
    /// The input is invalid.
    Input(Vec<Problem>),
    /// The queue of the tenant is full.
    Busy(Busy),
    /// The tenant calls too often.
    TooOften(TooOften),
    /// The deadline passed before the run had its permits.
    Deadline {
        /// The time in the queue.
        waited: Duration,
    },
    /// The store that processes share cannot be used.
    Unavailable,
    /// The process is stopping.
    Stopping,
}

impl Failure {
    /// Returns the report on the failure.
    pub fn report(&self) -> Report {
        match self {
            Self::Refused(refusal) => refusal.report(),
            Self::Run(run::Failure::Action(report)) => report.clone(),
            Self::Run(run::Failure::Stopped { stop, writes }) => stop.report(writes.clone()),
            Self::Run(run::Failure::Interrupted { writes }) if writes.is_empty() => Report::new(
                Kind::Stopping,
                "the server stopped before the run finished, and the run had made no changes",
                "Call again when the server is available.",
            )
            .after(SOON),
            Self::Run(run::Failure::Interrupted { writes }) => Report::new(
                Kind::OutcomeUnknown,
                "the server stopped before the run finished",
                "Then call again for what is missing, with a new idempotency key if there was one.",
            )
            .with_writes(writes.clone()),
            Self::Connection(reason) => Report::new(
                Kind::Configuration,
                format!("the connection cannot be opened: {reason}"),
                "Correct the connection in the configuration of the server.",
            ),
            Self::Audit { reason, writes } => Report::new(
                Kind::Environment,
                format!("the run finished, and the audit log cannot be written: {reason}"),
                "Free space on the disk of the audit log, and make sure that the log is writable.",
            )
            .with_writes(writes.clone()),
            Self::Internal => Report::new(
                Kind::Environment,
                "the host failed while it ran the action",
                "Check the log of the server, and report the problem to its developers.",
            ),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<run::Failure> for Failure {
    fn from(failure: run::Failure) -> Self {
        Self::Run(failure)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::SignIn(report) => {
                run::Failure::Stopped { stop: Stop::SignIn(report), writes: Vec::new() }.into()
            }
            other => Self::Connection(other.to_string()),
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}

impl std::error::Error for Failure {}

impl Refusal {
    fn report(&self) -> Report {
        match self {
            Self::NoSuchTenant => Report::new(
                Kind::NoSuchTenant,
                "there is no such tenant",
                "Register the tenant first.",
            ),
            Self::NoSuchAction { nearest } => Report::new(
                Kind::NoSuchAction,
                "there is no such action",
                match nearest {
                    Some(nearest) => format!("Did you mean {nearest}? List all actions."),
                    None => "List all actions.".to_owned(),
                },
            ),
            Self::NotAllowed { action } => Report::new(
                Kind::NotAllowed,
                format!("this tenant may not run {action}"),
                "Ask the operator of the server to allow the action for the tenant.",
            ),
            Self::Input(problems) => Report::input(problems.clone()),
            Self::Busy(busy) => Report::new(
                Kind::Busy,
                busy.to_string(),
                "Call again when some of them have finished; nothing was sent.",
            )
            .after(SOON),
            Self::TooOften(too_often) => Report::new(
                Kind::RateLimited,
                too_often.to_string(),
                "Call again after this time, or ask the operator of the server for more calls; nothing was sent.",
            )
            .after(too_often.wait),
            Self::Deadline { waited } => Report::new(
                Kind::Busy,
                format!("the deadline passed after {:.1} s in the queue", waited.as_secs_f64()),
                "Call again later, or with a later deadline; nothing was sent.",
            )
            .after(SOON),
            Self::Unavailable => Report::new(
                Kind::Unavailable,
                "the store of the server cannot be used, and a call that changes something needs it",
                "Call again when the store can be reached; nothing was sent.",
            )
            .after(SOON),
            Self::Stopping => Report::new(
                Kind::Stopping,
                "the server is stopping and accepts no more runs",
                "Call again when it is available; nothing was sent.",
            )
            .after(SOON),
        }
    }
}
