//! What only the host can see of a connection, as findings like those of the action
//! `verify-connection`: one for each check.
//!
//! - `hosts`: whether the hosts answer, are trusted, and have the same time as we
//! - `token`: whose the token is, and what it allows

mod hosts;
mod token;

use serde::Serialize;

use super::config::Configured;
use super::secret::SecretError;
use crate::report::Who;

pub use hosts::{Answered, clock, reach};
pub use token::{permissions, tenant};

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether the configuration has the connection.
    Configuration,
    /// Whether its secrets are where it says.
    Secrets,
    /// Whether the sign-in host answers, with a certificate that is trusted.
    LoginHost,
    /// The same of Graph's host.
    GraphHost,
    /// Whether this machine's clock is right.
    Clock,
    /// Whether the sign-in brings a token.
    Token,
    /// Whose tenant the token is of.
    TokenTenant,
    /// Whether the token allows what the actions need.
    Permissions,
}

/// What a check came to.
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

/// What one check found, in the form that the component's findings have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// What it came to.
    pub verdict: Verdict,
    /// What was found, in one sentence.
    pub message: String,
    /// What to do about it, when something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Who can do it, as the component's errors say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

impl Finding {
    /// Nothing is wrong.
    pub fn passed(check: Check, message: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Passed, message: message.into(), fix: None, who: None }
    }

    /// Something may be wrong; whoever configures the connection can put it right.
    pub fn warning(check: Check, message: impl Into<String>, fix: impl Into<String>) -> Self {
        let verdict = Verdict::Warning;
        let (message, fix) = (message.into(), Some(fix.into()));
        Self { check, verdict, message, fix, who: Some(Who::Caller) }
    }

    /// Something is wrong; whoever configures the connection can put it right.
    pub fn failed(check: Check, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, ..Self::warning(check, message, fix) }
    }

    /// The check was not made, because of what another one found.
    pub fn skipped(check: Check, reason: &Self) -> Self {
        let message = format!("It was not checked. {}", reason.message);
        Self { check, verdict: Verdict::Failed, message, ..reason.clone() }
    }

    /// The same for somebody else to put right.
    pub fn by(mut self, who: Who) -> Self {
        self.who = Some(who);
        self
    }
}

/// Whether the secrets of a connection are where it says: one finding for all of them.
pub fn secrets(connection: &Configured) -> Finding {
    let secrets = connection.grant.secrets();
    let mut places = Vec::new();
    for (key, source, alphabet) in secrets {
        if let Err(error) = source.read_of(alphabet) {
            let message = match error {
                SecretError::Odd(..) => format!("The {key} cannot be right: {error}."),
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
