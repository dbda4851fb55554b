//! Why a call has no result.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde_json::{Value, json};

use super::admission::Busy;
use crate::connections::entra_error::SignInError;
use crate::error;
use crate::sandbox::Stop;
use crate::values::Problem;

/// Why a call has no result. Each is told in the same form, that of an action's error.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// There was no run: nothing was sent.
    Refused(Refusal),
    /// The action failed, with its own error.
    Action(Value),
    /// The sandbox ended the run.
    Stopped {
        /// What ended it.
        stop: Stop,
        /// The writes that had gone out, in words.
        writes: Vec<String>,
    },
    /// The process stopped before the run had ended.
    Cut {
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
    /// A connection that cannot be opened.
    pub(super) fn connection(reason: impl Display) -> Self {
        Self::Connection(reason.to_string())
    }

    /// A connection that cannot sign in.
    pub(super) fn sign_in(error: SignInError) -> Self {
        Self::Stopped { stop: Stop::SignIn(error), writes: Vec::new() }
    }

    /// The error in the form that actions' errors have.
    pub fn error(&self) -> Value {
        match self {
            Self::Refused(refusal) => refusal.error(),
            Self::Action(error) => error.clone(),
            Self::Stopped { stop, writes } => error::stopped(stop, writes),
            Self::Cut { writes } => error::cut_short(
                "outcome-unknown",
                "the run was cut short, since the server stopped before its end",
                match writes.as_slice() {
                    [] => "Call again when the server is back: it had changed nothing.",
                    _ => "Then call again, under a new key if there was one, for what is missing.",
                },
                writes,
            ),
            Self::Connection(reason) => error::plain(
                "configuration",
                &format!("the connection cannot be opened: {reason}"),
                "Put the connection right in the configuration of the server.",
            ),
            Self::Audit { reason, writes } => error::cut_short(
                "environment",
                &format!("the run has ended, and the audit log cannot take it: {reason}"),
                "Make room on the disk of the audit log and see that it can be written.",
                writes,
            ),
            Self::Internal => error::plain(
                "environment",
                "the host failed while it ran the action",
                "Look into the log of the server, and report it to whoever built it.",
            ),
        }
    }

    /// What kind of failure it is, as errors name it.
    pub fn kind(&self) -> String {
        error::kind(&self.error()).to_owned()
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.error().get("message").and_then(Value::as_str).unwrap_or_default())
    }
}

impl std::error::Error for Failure {}

impl Refusal {
    fn error(&self) -> Value {
        match self {
            Self::NoSuchTenant => error::plain(
                "no-such-tenant",
                "there is no such tenant",
                "Register the tenant first.",
            ),
            Self::NoSuchAction { nearest } => error::plain(
                "no-such-action",
                "there is no such action",
                &match nearest {
                    Some(nearest) => {
                        format!("Did you mean {nearest}? The list of actions has them all.")
                    }
                    None => "The list of actions has them all.".to_owned(),
                },
            ),
            Self::NotAllowed { action } => error::plain(
                "not-allowed",
                &format!("this tenant may not run {action}"),
                "Ask the operator of the server to allow the action for the tenant.",
            ),
            Self::Input(problems) => error::refusal(problems),
            Self::Busy(busy) => come_back(
                "busy",
                &busy.to_string(),
                "Call again when some of them have ended; nothing was sent.",
            ),
            Self::Deadline { waited } => come_back(
                "busy",
                &format!(
                    "the deadline passed after {:.1} s of waiting for a turn",
                    waited.as_secs_f64()
                ),
                "Call again later, or with a later deadline; nothing was sent.",
            ),
            Self::Stopping => come_back(
                "stopping",
                "the server is about to stop and takes no more runs",
                "Call again when it is back; nothing was sent.",
            ),
        }
    }
}

/// An error that passes with time.
fn come_back(kind: &str, message: &str, fix: &str) -> Value {
    let mut told = error::plain(kind, message, fix);
    if let Some(told) = told.as_object_mut() {
        told.insert("who".to_owned(), json!("wait"));
        told.insert("retryAfterSeconds".to_owned(), json!(1));
    }
    told
}
