//! The type of every error that a person, a script or a workflow sees, in the form of the
//! record `error` in `wit/types.wit`.
//!
//! - [`kind`]: the table of kinds
//! - `printable`: texts from others, as people see them
//! - `details`: the fields that only some errors have

mod details;
pub mod kind;
mod printable;

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::values::Problem;

pub use details::{ConfigProblem, Details, EntraError, GraphError, Problems};
pub use kind::{Http, Kind};
pub use printable::printable;

/// The first sentence of the fix of a run that has sent writes.
pub const LOOK: &str = "Look in the tenant first, for the run may have changed it. ";

/// Who can correct a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The caller, with other input or another connection.
    Caller,
    /// An administrator of the tenant's licences.
    LicenseAdmin,
    /// An administrator of the tenant.
    TenantAdmin,
    /// Nobody: the failure is temporary.
    Wait,
}

/// An error. `Display` writes its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The kind of failure.
    pub kind: Kind,
    /// What happened, in one sentence.
    pub message: String,
    /// The fix, in one sentence.
    pub fix: String,
    /// Who can apply the fix.
    pub who: Who,
    /// Whether a repeat of the same call does nothing twice.
    pub retry_safe: bool,
    /// The writes that were done or sent before, in order.
    pub completed: Vec<String>,
    /// How long to wait before a repeat; whole seconds in JSON, rounded up.
    #[serde(
        default,
        rename = "retryAfterSeconds",
        skip_serializing_if = "Option::is_none",
        serialize_with = "in_seconds",
        deserialize_with = "of_seconds"
    )]
    pub retry_after: Option<Duration>,
    /// The fields that only some errors have.
    #[serde(flatten)]
    pub details: Box<Details>,
}

impl Report {
    /// Creates an error before which nothing was done, for the caller to correct.
    pub fn new(kind: Kind, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fix: fix.into(),
            who: Who::Caller,
            retry_safe: true,
            completed: Vec::new(),
            retry_after: None,
            details: Box::default(),
        }
    }

    /// Reads the error of an action, as the component returned it. An error of another form
    /// than the connector's is kept whole beside the fields that can be read.
    pub fn of_action(error: Value) -> Self {
        match Self::deserialize(&error) {
            Ok(report) if report.to_json() == error => report,
            _ => Self::foreign(error),
        }
    }

    fn foreign(error: Value) -> Self {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = Kind::named(text("kind")).unwrap_or(Kind::Graph);
        let completed = error.get("completed").and_then(Value::as_array);
        let writes = completed.into_iter().flatten().filter_map(Value::as_str);
        let mut report = Self {
            retry_safe: error.get("retrySafe").and_then(Value::as_bool).unwrap_or_default(),
            completed: writes.map(ToOwned::to_owned).collect(),
            ..Self::new(kind, text("message"), text("fix"))
        };
        report.details.foreign = Some(error);
        report
    }

    /// Creates the error for an input that is refused before anything is sent.
    pub fn input(problems: Vec<Problem>) -> Self {
        let message = match problems.as_slice() {
            [one] if one.pointer.is_empty() => format!("the input is wrong: {}", one.message),
            [one] => format!("the input is wrong at {}: {}", one.pointer, one.message),
            _ => format!("{} things are wrong with the input", problems.len()),
        };
        let fix = "Correct the input and call again; nothing was sent.";
        let mut report = Self::new(Kind::InvalidInput, message, fix);
        report.details.problems = Some(Problems::Input(problems));
        report
    }

    /// Creates the error for a failed sign-in.
    pub fn unauthorized(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Kind::Unauthorized, message, fix)
    }

    /// Sets who can correct the failure.
    #[must_use]
    pub fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// Sets how long to wait before a repeat.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), who: Who::Wait, ..self }
    }

    /// Puts the failed operation before the message.
    #[must_use]
    pub fn within(mut self, failed: impl Display) -> Self {
        self.message = format!("{failed}: {}", self.message);
        self
    }

    /// Sets the writes that the run had sent, whose outcome is not known.
    #[must_use]
    pub fn with_writes(mut self, writes: Vec<String>) -> Self {
        if !writes.is_empty() {
            self.fix.insert_str(0, LOOK);
        }
        Self { retry_safe: writes.is_empty(), completed: writes, ..self }
    }

    /// Sets the recording of the run.
    #[must_use]
    pub fn recorded_in(mut self, recording: PathBuf) -> Self {
        self.details.recording = Some(recording);
        self
    }

    /// Adds the details from the HTTP client to an error of the kind `transport`.
    pub fn explain(&mut self, message: &str, fix: Option<String>) {
        if self.kind != Kind::Transport {
            return;
        }
        let message = format!("{} In detail: {message}.", self.message.trim_end());
        let fix = fix.unwrap_or_else(|| self.fix.clone());
        self.reword(message, fix);
    }

    /// Replaces the message and the fix.
    pub fn reword(&mut self, message: String, fix: String) {
        if let Some(error) = self.details.foreign.as_mut().and_then(Value::as_object_mut) {
            error.insert("message".to_owned(), message.clone().into());
            error.insert("fix".to_owned(), fix.clone().into());
        }
        (self.message, self.fix) = (message, fix);
    }

    /// Returns the name of the kind. Another component may use names of its own.
    pub fn kind_name(&self) -> &str {
        match &self.details.foreign {
            Some(error) => error.get("kind").and_then(Value::as_str).unwrap_or_default(),
            None => self.kind.name(),
        }
    }

    /// Returns the response of the HTTP server; `None` for a kind that the server does not
    /// return.
    pub fn http(&self) -> Option<Http> {
        let http = Kind::named(self.kind_name())?.http()?;
        let status = if self.details.asked_too_much { kind::ASKED_TOO_MUCH } else { http.status };
        Some(Http { status, ..http })
    }

    /// Returns whether the caller should call again, with the same input or a corrected one, and
    /// nothing was done before. Such a response is not kept under its idempotency key: a repeat
    /// would only receive it again.
    pub fn leaves_key_free(&self) -> bool {
        let status = self.http().map_or(StatusCode::INTERNAL_SERVER_ERROR, |http| http.status);
        // A tenant's limits change.
        let limited = status == StatusCode::TOO_MANY_REQUESTS || self.details.asked_too_much;
        let later = limited || status.is_server_error();
        let corrected = status == StatusCode::BAD_REQUEST;
        self.completed.is_empty() && (corrected || later && self.retry_safe)
    }

    /// Returns the exit code of a command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            // An invalid input is a usage error, unless only Graph could detect it.
            Kind::InvalidInput if self.details.graph.is_some() => 1,
            kind => kind.exit_code(),
        }
    }

    /// Returns the error as JSON.
    pub fn to_json(&self) -> Value {
        match &self.details.foreign {
            Some(error) => error.clone(),
            None => serde_json::to_value(self).unwrap_or_default(),
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

fn in_seconds<S: Serializer>(wait: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    let up = |wait: &Duration| wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    wait.as_ref().map(up).serialize(serializer)
}

fn of_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
}
