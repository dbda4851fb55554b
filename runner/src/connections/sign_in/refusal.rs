//! An error response to a sign-in: whether to retry it, and its message and fix.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Map, Value};

use super::intermediary::Intermediary;
use crate::connections::entra_codes::{Credential, explanation, passes};
use crate::report::{EntraError, Kind, Report, Who};

/// The longest text of Entra in a message, in characters.
const MAX_TEXT: usize = 500;

/// The known errors of a sign-in host, which cannot contain a secret. Sources: RFC 6749 and 8628, OpenID Connect, and Microsoft Learn.
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

/// The temporary errors. Source: RFC 6749, section 4.1.2.1, and Microsoft Learn.
const PASSING: [&str; 2] = ["server_error", "temporarily_unavailable"];

/// The status of throttling, by Entra or another server.
const TOO_MANY: u16 = 429;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A response to a sign-in that is not a token.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: u16,
    /// The wait that the host asks for.
    pub retry_after: Option<Duration>,
    source: Source,
}

/// The server that refused.
#[derive(Clone, Debug)]
enum Source {
    Entra {
        error: EntraError,
        description: String,
    },
    /// A server before Entra.
    Intermediary(Intermediary),
}

/// Removes a byte order mark from JSON.
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Returns whether a response with a successful status is a refusal: it is not JSON, or has an
/// error.
pub fn is_refusal(body: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(without_mark(body)) {
        Ok(value) => value.get("error").is_some_and(|error| !error.is_null()),
        Err(_) => true,
    }
}

impl Refusal {
    /// Reads a response, without texts that `shows_secret`: a host may repeat parts of a request.
    pub fn read(
        status: u16,
        retry_after: Option<Duration>,
        body: &[u8],
        shows_secret: impl Fn(&str) -> bool,
    ) -> Self {
        let body = without_mark(body);
        let fields =
            serde_json::from_slice(body).ok().filter(|_| !Intermediary::has_status(status));
        let entra = fields.and_then(|fields| entra(&fields, &shows_secret));
        let source = entra.unwrap_or_else(|| {
            Source::Intermediary(Intermediary::read(status, body, shows_secret))
        });
        Self { status, retry_after, source }
    }

    /// Returns OAuth's error, if Entra responded.
    pub fn error(&self) -> Option<&str> {
        match &self.source {
            Source::Entra { error, .. } => Some(&error.error),
            Source::Intermediary(_) => None,
        }
    }

    /// Returns whether a retry may succeed: by Entra's code if it is known, else by its error, or
    /// by the status of another server.
    pub fn is_transient(&self) -> bool {
        let temporary = match &self.source {
            Source::Intermediary(intermediary) => intermediary.is_transient(),
            Source::Entra { error, .. } => {
                let known: Vec<bool> =
                    error.codes.iter().filter_map(|code| passes(*code)).collect();
                match known.as_slice() {
                    [] => PASSING.contains(&error.error.as_str()),
                    known => known.contains(&true),
                }
            }
        };
        temporary || self.status == TOO_MANY
    }

    /// Explains the refusal, for the connection `id` with this credential.
    pub fn explain(self, id: &str, credential: Credential) -> Report {
        let transient = self.is_transient();
        let kind = match (self.status, &self.source) {
            (TOO_MANY, _) => Kind::Throttled,
            _ if transient && self.retry_after.is_some() => Kind::Throttled,
            (_, Source::Intermediary(_)) => Kind::Transport,
            (_, Source::Entra { .. }) => Kind::Unauthorized,
        };
        let retry_after = self.retry_after.filter(|_| kind == Kind::Throttled);
        let report = match self.source {
            Source::Entra { error, description } => {
                in_words(error, &description, id, credential, transient)
            }
            Source::Intermediary(_) if self.status == TOO_MANY => too_many(),
            Source::Intermediary(intermediary) => intermediary.explain(id),
        };
        let error = Report { kind, retry_after, ..report };
        match retry_after {
            Some(wait) => Report { fix: come_back(wait), who: Who::Wait, ..error },
            None => error,
        }
    }
}

/// Reads Entra's error response; `None` without an OAuth error, which all of Entra's have. Source:
/// Microsoft Learn, "OAuth 2.0 authorization code flow", error response.
fn entra(fields: &Map<String, Value>, shows_secret: &impl Fn(&str) -> bool) -> Option<Source> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let clean =
        |text: &str| (!shows_secret(text)).then(|| text.chars().take(MAX_TEXT).collect::<String>());
    let field = |name: &str| text(name).and_then(clean);
    let error = text("error").filter(|error| !error.is_empty())?;
    let said = text("error_description").unwrap_or_default();
    let error = match ERRORS.contains(&error) {
        true => error.to_owned(),
        false => clean(error).unwrap_or_default(),
    };
    let error = EntraError {
        error,
        suberror: field("suberror"),
        codes: codes(fields.get("error_codes"), said),
        trace_id: field("trace_id"),
        correlation_id: field("correlation_id"),
        timestamp: field("timestamp"),
    };
    let first_line = said.lines().next().unwrap_or_default();
    // A secret in any line drops the whole text. Entra writes no HTML.
    let shown = !shows_secret(said) && !first_line.contains("</");
    let description = Some(first_line).filter(|_| shown).and_then(clean).unwrap_or_default();
    Some(Source::Entra { error, description })
}

/// Returns the numbers behind `AADSTS`: the listed ones, else those in the description.
fn codes(listed: Option<&Value>, description: &str) -> Vec<u64> {
    let of = |value: &Value| {
        let text = value.as_str().map(|text| text.trim().trim_start_matches("AADSTS"));
        value.as_u64().or_else(|| text?.parse().ok())
    };
    let listed: Vec<u64> = match listed {
        Some(Value::Array(items)) => items.iter().filter_map(of).collect(),
        one => one.and_then(of).into_iter().collect(),
    };
    if listed.is_empty() { codes_in(description) } else { listed }
}

fn codes_in(text: &str) -> Vec<u64> {
    text.split("AADSTS")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end)?.parse().ok()
        })
        .collect()
}

fn in_words(
    answer: EntraError,
    description: &str,
    id: &str,
    credential: Credential,
    transient: bool,
) -> Report {
    let known = answer.codes.iter().find_map(|code| Some((code, explanation(*code)?)));
    let with_id = |text: &str| text.replace("{id}", id);
    let (message, fix, who) = match known {
        Some((code, known)) => {
            let words = known.words(credential);
            let message = format!("{} (AADSTS{code})", with_id(words.message));
            (message, with_id(words.fix), known.who)
        }
        None => unknown(&answer, description, transient),
    };
    let mut report = Report::unauthorized(message, fix).by(who);
    report.details.entra = Some(answer);
    report
}

/// Explains an unknown code with Entra's own text and Microsoft's page about the code.
fn unknown(answer: &EntraError, description: &str, transient: bool) -> (String, String, Who) {
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

/// Explains throttling by another server than Entra.
fn too_many() -> Report {
    let message = "there are too many requests (HTTP 429)";
    Report { who: Who::Wait, ..Report::unauthorized(message, "Wait a minute, then run again.") }
}

/// Returns the fix for a wait.
fn come_back(wait: Duration) -> String {
    // Rounded up, never earlier than the host asks.
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    let at = Timestamp::now().checked_add(wait).ok();
    match at.and_then(|at| at.round(Unit::Second).ok()) {
        Some(at) => format!("Run again in {seconds} s, at {at}."),
        None => format!("Run again in {seconds} s."),
    }
}
