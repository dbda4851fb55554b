//! Why the host ended a run.

use std::time::Duration;

use thiserror::Error;

use crate::limits::{Amount, RunLimit};
use crate::report::{Kind, Report};

/// The reason why the host ended a run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    /// The run took too long, computing or waiting.
    #[error("the run was stopped at its time limit of {} s", .0.as_secs_f64())]
    Time(Duration),
    /// The guest computed for too long.
    #[error("the run was stopped at its limit of {} s of computing", .0.as_secs_f64())]
    Computing(Duration),
    /// The guest asked for too much memory.
    #[error("the run was stopped at its memory limit of {} MiB: the component asked for {} MiB", mib(*limit), mib(*wanted))]
    Memory {
        /// The limit in bytes.
        limit: usize,
        /// What the guest would have had, in bytes.
        wanted: usize,
    },
    /// The guest's tables grew too large.
    #[error(
        "the run was stopped at its limit of {limit} table elements: the component asked for {wanted}"
    )]
    Table {
        /// The limit in elements.
        limit: usize,
        /// What the guest would have had, in elements.
        wanted: usize,
    },
    /// The guest holds too many handles, such as open requests.
    #[error("the run was stopped at its limit of {0} handles")]
    Handles(usize),
    /// The guest called itself too deeply; with the limit in bytes.
    #[error("the run was stopped at its stack limit of {} KiB", .0 / 1024)]
    Stack(usize),
    /// The body of a request is too large; with the limit in bytes.
    #[error("the run was stopped at its limit of {} MiB for the body of one request", mib(*.0))]
    RequestTooLarge(usize),
    /// The guest passed too much to the host in one call; with the limit in bytes.
    #[error("the run was stopped at its limit of {} KiB for one call of the host", .0 / 1024)]
    HostCall(usize),
    /// The headers of a request are too large; with the limit in bytes.
    #[error("the run was stopped at its limit of {} KiB for the headers of one request", .0 / 1024)]
    Headers(usize),
    /// The run exceeded a counted limit.
    #[error("the run was stopped at its limit of {}", limit.reached(*at))]
    Limit {
        /// The limit.
        limit: RunLimit,
        /// Its value, in the unit of its field.
        at: u64,
    },
    /// The audit log failed before a write, which was not sent.
    #[error("the run was stopped before a write that could not be logged for audit: {0}")]
    Audit(String),
    /// The guest made a Graph call that its action does not declare.
    #[error(
        "the run was stopped: {action} may not call {call}, which actions.toml does not declare for it"
    )]
    ForbiddenCall {
        /// The action.
        action: String,
        /// Method and path.
        call: String,
    },
    /// The guest sent a request to another host than its Graph.
    #[error(
        "the run was stopped: {action} may not reach {host}, which is not the Graph of its connection"
    )]
    ForbiddenHost {
        /// The action.
        action: String,
        /// Scheme, host and port.
        host: String,
    },
    /// The component failed.
    #[error("the component failed: {0}")]
    Trap(String),
    /// The machine lacks something that an instance needs.
    #[error("the sandbox could not be set up: {0}")]
    Setup(String),
    /// The run differs from its recording.
    #[error("the recording does not fit this run: {0}")]
    Recording(String),
    /// The run does not repeat what its journal has.
    #[error("the run was interrupted, and cannot go on, since it differs from its journal: {0}")]
    Journal(String),
    /// Another process has taken the run over.
    #[error("another process of this server continues the run, which this one had lost")]
    Taken,
    /// The store that processes share cannot keep the next write, which was not sent.
    #[error("the run was stopped before a write that the store of the server could not keep: {0}")]
    Store(String),
    /// The caller has cancelled the run.
    #[error("the run was cancelled")]
    Cancelled,
    /// A fault has crashed the run, as a kill of its process would.
    #[error("the run was interrupted: a fault crashed its process")]
    Crashed,
    /// The connection cannot sign in.
    #[error(transparent)]
    SignIn(Box<Report>),
}

fn mib(bytes: usize) -> usize {
    bytes.div_ceil(1024 * 1024)
}

impl Stop {
    /// Returns the stop of a run that exceeded `limit`, whose value is `amount`.
    pub fn at(limit: RunLimit, amount: impl Amount) -> Self {
        Self::Limit { limit, at: amount.amount() }
    }

    /// Returns the public name of the limit that the run exceeded, if it exceeded one.
    pub fn limit(&self) -> Option<&'static str> {
        Some(match self {
            Self::Time(_) => "time",
            Self::Computing(_) => "cpu",
            Self::Memory { .. } => "memory",
            Self::Table { .. } => "table-elements",
            Self::Handles(_) => "handles",
            Self::Stack(_) => "stack",
            Self::RequestTooLarge(_) => "request-body",
            Self::HostCall(_) => "host-call",
            Self::Headers(_) => "request-headers",
            Self::Limit { limit, .. } => limit.name(),
            _ => return None,
        })
    }

    /// Returns the fix.
    pub fn fix(&self) -> &str {
        match self {
            Self::Time(_) => {
                "Give the run more time, with --time-limit or the tenant's time-limit, or ask for less at once, such as a report page by page."
            }
            Self::Memory { .. } => {
                "Give the run more memory, with --memory-limit or the tenant's memory-limit, or ask for less at once, such as a report page by page."
            }
            Self::Computing(_) => {
                "Ask for less at once, such as a report page by page, or find out what the component computes."
            }
            Self::Limit { .. } => {
                "Ask for less at once, such as a report page by page, or give the tenant a higher limit."
            }
            Self::Audit(_) => {
                "Make room on the disk of the audit log, and check that it can be written. Nothing runs without it."
            }
            Self::Table { .. }
            | Self::Handles(_)
            | Self::Stack(_)
            | Self::HostCall(_)
            | Self::Headers(_) => {
                "No action needs this much: report the component to its developer."
            }
            Self::RequestTooLarge(_) => {
                "Graph takes no request this large: make the input smaller."
            }
            Self::ForbiddenCall { .. } | Self::ForbiddenHost { .. } => {
                "Do not run this component for this action, or declare the call in wit/actions.toml and build the runner again."
            }
            Self::Trap(_) => {
                "This is a fault in the component: report it to its developer, with the input if possible."
            }
            Self::Setup(_) => {
                "Give the process more memory and address space (ulimit -v), or allow fewer runs at a time."
            }
            Self::Journal(_) => {
                "Look at what the run has done, and call again for what is missing."
            }
            Self::Taken => "Call again with the same idempotency key for its outcome.",
            Self::Store(_) => "Call again when the store can be reached.",
            Self::Cancelled => "Call again if it is wanted after all.",
            Self::Crashed => "Let the run go on from its journal; without one, call again.",
            Self::Recording(_) => "Give the input of the recording, or make a new recording.",
            Self::SignIn(error) => &error.fix,
        }
    }

    /// Returns whether the run exceeded a limit below which a smaller input or another action stays.
    fn asks_too_much(&self) -> bool {
        matches!(
            self,
            Self::Time(_)
                | Self::Computing(_)
                | Self::Memory { .. }
                | Self::RequestTooLarge(_)
                | Self::Limit { .. }
        )
    }

    /// Returns the kind of the run's error.
    pub fn kind(&self) -> Kind {
        match self {
            Self::SignIn(error) => error.kind,
            Self::Recording(_) => Kind::Recording,
            Self::Journal(_) | Self::Taken | Self::Crashed => Kind::OutcomeUnknown,
            Self::Store(_) => Kind::Unavailable,
            Self::Cancelled => Kind::Cancelled,
            Self::Setup(_) | Self::Audit(_) => Kind::Environment,
            _ => Kind::Sandbox,
        }
    }

    /// Returns the error of a run with these writes.
    pub fn report(&self, writes: Vec<String>) -> Report {
        if let Self::SignIn(error) = self {
            return Report::clone(error).with_writes(writes);
        }
        let mut report = Report::new(self.kind(), self.to_string(), self.fix()).with_writes(writes);
        report.details.limit = self.limit().map(ToOwned::to_owned);
        report.details.asked_too_much = self.asks_too_much();
        report
    }
}
