//! Why a sign-in failed, in a sentence with a fix, from what Entra answered.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::entra_codes::{explanation, is_transient};

/// The longest text of Entra's that is repeated, in characters.
const MAX_TEXT: usize = 500;

/// The errors that a sign-in host may answer: words that decide what is done next, and show
/// nothing. Sources: RFC 6749 and 8628, OpenID Connect, and Microsoft Learn.
const ERRORS: [&str; 17] = [
    "access_denied",
    "authorization_declined",
    "authorization_pending",
    "bad_verification_code",
    "consent_required",
    "expired_token",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_resource",
    "invalid_scope",
    "login_required",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
];

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

/// The body of a refusal. Source: Microsoft Learn, "OAuth 2.0 authorization code flow",
/// error response.
#[derive(Debug, Default, Deserialize)]
struct Body {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Vec<u64>,
    #[serde(default)]
    trace_id: Option<String>,
    #[serde(default)]
    correlation_id: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
}

/// An answer of the sign-in host that is no token.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// How long the host asks to wait.
    pub retry_after: Option<Duration>,
    answer: Option<EntraAnswer>,
    description: String,
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

    /// OAuth's error, such as `invalid_grant`, if Entra answered.
    pub fn oauth_error(&self) -> Option<&str> {
        self.entra.as_ref().map(|entra| entra.error.as_str())
    }
}

impl Refusal {
    /// Reads an answer. Whatever of it `shows_secret` is dropped: what the host repeats of a
    /// request may be mixed with anything.
    pub fn read(
        status: u16,
        retry_after: Option<Duration>,
        body: &[u8],
        shows_secret: impl Fn(&str) -> bool,
    ) -> Self {
        let Ok(body) = serde_json::from_slice::<Body>(body) else {
            return Self { status, retry_after, answer: None, description: String::new() };
        };
        let text = body.error_description.unwrap_or_default();
        let codes = if body.error_codes.is_empty() { codes_in(&text) } else { body.error_codes };
        let first_line = text.lines().next().unwrap_or_default();
        let clean = |text: String| {
            (!shows_secret(&text)).then(|| text.chars().take(MAX_TEXT).collect::<String>())
        };
        let answer = EntraAnswer {
            error: if ERRORS.contains(&body.error.as_str()) {
                body.error
            } else {
                clean(body.error).unwrap_or_default()
            },
            codes,
            trace_id: body.trace_id.and_then(clean),
            correlation_id: body.correlation_id.and_then(clean),
            timestamp: body.timestamp.and_then(clean),
        };
        let description = if shows_secret(&text) { None } else { clean(first_line.to_owned()) }
            .unwrap_or_default();
        Self { status, retry_after, answer: Some(answer), description }
    }

    /// Whether the host says that it is worth another try.
    pub fn is_transient(&self) -> bool {
        let says_so = self.answer.as_ref().is_some_and(|answer| {
            answer.error == "temporarily_unavailable"
                || answer.codes.iter().any(|code| is_transient(*code))
        });
        says_so || self.status == 429 || self.status >= 500
    }

    /// The refusal in a sentence with a fix, for the connection `id`.
    pub fn explain(self, id: &str) -> SignInError {
        let transient = self.is_transient();
        let kind = match self.status {
            429 => Kind::Throttled,
            _ if transient && self.retry_after.is_some() => Kind::Throttled,
            _ if self.answer.is_none() => Kind::Transport,
            _ => Kind::Unauthorized,
        };
        let retry_after = self.retry_after.filter(|_| kind == Kind::Throttled);
        let error = SignInError { kind, retry_after, ..self.in_words(id, transient) };
        match retry_after {
            Some(wait) => SignInError { fix: come_back(wait), who: Who::Wait, ..error },
            None => error,
        }
    }

    fn in_words(self, id: &str, transient: bool) -> SignInError {
        let Some(answer) = self.answer else { return unreadable(self.status, transient) };
        let known = answer.codes.iter().find_map(|code| Some((code, explanation(*code)?)));
        let with_id = |text: &str| text.replace("{id}", id);
        let (message, fix, who) = match known {
            Some((code, known)) => {
                let message = format!("{} (AADSTS{code})", with_id(known.message));
                (message, with_id(known.fix), known.who)
            }
            None => unknown(&answer, &self.description, transient),
        };
        let entra = Some(Box::new(answer));
        SignInError {
            who,
            entra,
            ..SignInError::own(format!("the sign-in failed: {message}"), fix)
        }
    }
}

/// A code that the table does not have: Entra's own words, and where they are explained.
fn unknown(answer: &EntraAnswer, description: &str, transient: bool) -> (String, String, Who) {
    let message = if description.is_empty() {
        format!("the sign-in host answered {:?}", answer.error)
    } else {
        format!("{description} ({})", answer.error)
    };
    if transient {
        return (message, "Wait a minute, then run again.".to_owned(), Who::Wait);
    }
    let fix = match answer.codes.first() {
        Some(code) => format!(
            "Look the code up at https://login.microsoftonline.com/error?code={code}, or give an administrator of the tenant the trace id."
        ),
        None => "Check `tenant`, `client-id` and the secrets of the connection against the app registration.".to_owned(),
    };
    (message, fix, Who::Caller)
}

/// An answer that is no OAuth error: a proxy's page, or another server altogether.
fn unreadable(status: u16, transient: bool) -> SignInError {
    let (fix, who) = if transient {
        ("Wait a minute, then run again.", Who::Wait)
    } else {
        (
            "Check `login-url` and `cloud` of the connection, and the proxy if there is one.",
            Who::Caller,
        )
    };
    let message = match status {
        429 => "it is too busy (HTTP 429)".to_owned(),
        _ => format!("it answered HTTP {status} without an OAuth error"),
    };
    let message = format!("the sign-in failed at the sign-in host: {message}");
    SignInError { who, ..SignInError::own(message, fix) }
}

/// When to run again.
fn come_back(wait: Duration) -> String {
    // Never earlier than the host asks.
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    let at = Timestamp::now().checked_add(wait).ok();
    match at.and_then(|at| at.round(Unit::Second).ok()) {
        Some(at) => format!("Run again in {seconds} s, at {at}."),
        None => format!("Run again in {seconds} s."),
    }
}

/// The numbers behind `AADSTS` in a text, for answers without a list of them.
fn codes_in(text: &str) -> Vec<u64> {
    text.split("AADSTS")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end)?.parse().ok()
        })
        .collect()
}
