//! Why a sign-in failed, in a sentence with a fix.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use super::entra_codes::ends_token;

/// What Entra says beside `invalid_grant` of a refresh token that is good no more. Of all other
/// refusals it is good again when their cause is gone, such as a policy, a missing consent or a
/// disabled account. Sources: `MSIDError` and `OAuth2SubErrorCode` in Microsoft's own
/// libraries; its library for Python keeps every refused token for the same reason.
const DEAD: [&str; 2] = ["bad_token", "token_expired"];

/// Why there is no token. Never with a secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SignInError {
    /// How it failed.
    pub kind: Kind,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// Who can do it.
    pub who: Who,
    /// How long the sign-in host asks to wait, if it does.
    pub retry_after: Option<Duration>,
    /// What Entra answered, if it did.
    pub entra: Option<Box<EntraAnswer>>,
}

/// How a sign-in fails, as errors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Entra refused, or nobody has signed in.
    Unauthorized,
    /// The sign-in host was not reached, or did not answer as one does.
    Transport,
    /// The sign-in host asks to wait.
    Throttled,
    /// The connection is not configured as it must be, or a secret is not where it says.
    Configuration,
    /// Something on this machine is not as it must be.
    Environment,
}

impl Kind {
    /// Its name in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Transport => "transport",
            Self::Throttled => "throttled",
            Self::Configuration => "configuration",
            Self::Environment => "environment",
        }
    }
}

/// Who can put a failed sign-in right; the words are those of `who` in `wit/types.wit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever configured the connection.
    Caller,
    /// Somebody who administers the tenant.
    TenantAdmin,
    /// Nobody: it passes.
    Wait,
}

impl Who {
    /// Its name in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::TenantAdmin => "tenant-admin",
            Self::Wait => "wait",
        }
    }
}

/// What Entra says of a refusal, as Microsoft's support asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntraAnswer {
    /// OAuth's error, such as `invalid_grant`.
    pub error: String,
    /// What Entra says beside it, such as `bad_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suberror: Option<String>,
    /// The numbers behind `AADSTS`.
    pub codes: Vec<u64>,
    /// The trace id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The correlation id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// When, as Entra writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

impl SignInError {
    /// A sign-in that is not good, by what is known here.
    pub fn own(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::of(Kind::Unauthorized, message, fix)
    }

    /// A failure of this kind, without an answer of Entra's.
    pub fn of(kind: Kind, message: impl Into<String>, fix: impl Into<String>) -> Self {
        let (message, fix) = (message.into(), fix.into());
        Self { kind, message, fix, who: Who::Caller, retry_after: None, entra: None }
    }

    /// The same, with what it kept from being done before it.
    pub fn within(mut self, failed: impl std::fmt::Display) -> Self {
        self.message = format!("{failed}: {}", self.message);
        self
    }

    /// OAuth's error, such as `invalid_grant`, if Entra answered.
    pub fn oauth_error(&self) -> Option<&str> {
        self.entra.as_ref().map(|entra| entra.error.as_str())
    }

    /// Whether a refresh token that is refused so will never be good again.
    pub fn ends_refresh_token(&self) -> bool {
        self.entra.as_ref().is_some_and(|entra| {
            let suberror = entra.suberror.as_deref().unwrap_or_default();
            DEAD.contains(&suberror) || entra.codes.iter().any(|code| ends_token(*code))
        })
    }
}
