//! Why a call has no result.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::admission::Busy;
use crate::context::Stop;
use crate::report::{Kind, Report};
use crate::run::{self, OpenError};
use crate::values::Problem;

/// When to call again what passes by itself.
const SOON: Duration = Duration::from_secs(1);

/// Why a call has no result. Each becomes a [`Report`].
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// There was no run: nothing was sent.
    Refused(Refusal),
    /// The action failed, with its own error.
    Action(Report),
    /// The sandbox ended the run.
    Stopped {
        /// What ended it.
        stop: Stop,
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// The process stopped before the run had ended.
    Interrupted {
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// The connection cannot be opened.
    Connection(String),
    /// The run has ended, and the audit log could not take it.
    Audit {
        /// Why.
        reason: String,
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// The host itself failed.
    Internal,
}

/// Why there was no run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such tenant.
    NoSuchTenant,
    /// There is no such action.
    NoSuchAction {
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// The tenant may not run this action.
    NotAllowed {
        /// The action.
        action: String,
    },
    /// The input is wrong.
    Input(Vec<Problem>),
    /// Too many runs of the tenant wait already.
    Busy(Busy),
    /// The deadline passed while the run waited for its turn.
    Deadline {
        /// How long it waited.
        waited: Duration,
    },
    /// The process ends.
    Stopping,
}

impl Failure {
    /// The error in the form that all errors have.
    pub fn report(&self) -> Report {
        match self {
            Self::Refused(refusal) => refusal.report(),
            Self::Action(report) => report.clone(),
            Self::Stopped { stop, writes } => stop.report(writes.clone()),
            Self::Interrupted { writes } => Report::new(
                Kind::OutcomeUnknown,
                "the run was cut short, since the server stopped before its end",
                match writes.as_slice() {
                    [] => "Call again when the server is back: it had changed nothing.",
                    _ => "Then call again, under a new key if there was one, for what is missing.",
                },
            )
            .with_writes(writes.clone()),
            Self::Connection(reason) => Report::new(
                Kind::Configuration,
                format!("the connection cannot be opened: {reason}"),
                "Put the connection right in the configuration of the server.",
            ),
            Self::Audit { reason, writes } => Report::new(
                Kind::Environment,
                format!("the run has ended, and the audit log cannot take it: {reason}"),
                "Make room on the disk of the audit log and see that it can be written.",
            )
            .with_writes(writes.clone()),
            Self::Internal => Report::new(
                Kind::Environment,
                "the host failed while it ran the action",
                "Look into the log of the server, and report it to whoever built it.",
            ),
        }
    }
}

impl From<run::Failure> for Failure {
    fn from(failure: run::Failure) -> Self {
        match failure {
            run::Failure::Action(report) => Self::Action(report),
            run::Failure::Stopped { stop, writes } => Self::Stopped { stop, writes },
            run::Failure::Interrupted { writes } => Self::Interrupted { writes },
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::SignIn(report) => {
                Self::Stopped { stop: Stop::SignIn(report), writes: Vec::new() }
            }
            OpenError::Client(error) => Self::Connection(error.to_string()),
            OpenError::GraphUrl(error) => Self::Connection(error.to_string()),
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
                    Some(nearest) => {
                        format!("Did you mean {nearest}? The list of actions has them all.")
                    }
                    None => "The list of actions has them all.".to_owned(),
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
                "Call again when some of them have ended; nothing was sent.",
            )
            .after(SOON),
            Self::Deadline { waited } => Report::new(
                Kind::Busy,
                format!(
                    "the deadline passed after {:.1} s of waiting for a turn",
                    waited.as_secs_f64()
                ),
                "Call again later, or with a later deadline; nothing was sent.",
            )
            .after(SOON),
            Self::Stopping => Report::new(
                Kind::Stopping,
                "the server is about to stop and takes no more runs",
                "Call again when it is back; nothing was sent.",
            )
            .after(SOON),
        }
    }
}
