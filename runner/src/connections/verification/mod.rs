//! The checks of a connection that only the host can make. Their findings have the form of those
//! of the action `verify-connection`.
//!
//! - `hosts`: whether the hosts respond and are trusted, and whether the clocks agree
//! - `token`: the tenant and the permissions of the token

mod hosts;
mod token;

use serde::Serialize;

use super::config::Configured;
use super::secret::SecretError;
use crate::report::Who;

pub use hosts::{Answered, clock, reach};
pub use token::{permissions, tenant};

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether the configuration has the connection.
    Configuration,
    /// Whether the secrets can be read.
    Secrets,
    /// Whether the sign-in host responds, with a trusted certificate.
    LoginHost,
    /// Whether Graph's host does.
    GraphHost,
    /// Whether this machine's clock is right.
    Clock,
    /// Whether the sign-in succeeds.
    Token,
    /// The tenant of the token.
    TokenTenant,
    /// Whether the token allows what the actions need.
    Permissions,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing is wrong.
    Passed,
    /// Something may be wrong, or some actions will not work.
    Warning,
    /// Something is wrong.
    Failed,
}

/// The finding of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// The result.
    pub verdict: Verdict,
    /// What was found, in one sentence.
    pub message: String,
    /// The fix, if something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Who can apply the fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

impl Finding {
    /// Creates a finding without a problem.
    pub fn passed(check: Check, message: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Passed, message: message.into(), fix: None, who: None }
    }

    /// Creates a finding with a possible problem, for the caller to correct.
    pub fn warning(check: Check, message: impl Into<String>, fix: impl Into<String>) -> Self {
        let verdict = Verdict::Warning;
        let (message, fix) = (message.into(), Some(fix.into()));
        Self { check, verdict, message, fix, who: Some(Who::Caller) }
    }

    /// Creates a finding with a problem, for the caller to correct.
    pub fn failed(check: Check, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, ..Self::warning(check, message, fix) }
    }

    /// Creates the finding of a check that another finding prevented.
    pub fn skipped(check: Check, reason: &Self) -> Self {
        let message = format!("It was not checked. {}", reason.message);
        Self { check, verdict: Verdict::Failed, message, ..reason.clone() }
    }

    /// Sets who can correct the problem.
    pub fn by(mut self, who: Who) -> Self {
        self.who = Some(who);
        self
    }
}

/// Checks whether all secrets of a connection can be read.
pub fn secrets(connection: &Configured) -> Finding {
    let secrets = connection.grant.secrets();
    let mut places = Vec::new();
    for (key, source, alphabet) in secrets {
        if let Err(error) = source.read_of(alphabet) {
            let message = match error {
                SecretError::InvalidCharacter(..) => format!("The {key} cannot be right: {error}."),
                _ => format!("There is no {key}: {error}."),
            };
            return Finding::failed(Check::Secrets, message, error.fix());
        }
        places.push(format!("{key} in the {source}"));
    }
    let message = match places.as_slice() {
        [] => "The connection needs no secret.".to_owned(),
        places => format!("Every secret is there: {}.", places.join(", ")),
    };
    Finding::passed(Check::Secrets, message)
}
