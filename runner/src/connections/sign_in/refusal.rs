//! A refusal of the sign-in host: whether it passes, and what it means in a sentence with a fix.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Map, Value};

use super::intermediary::Intermediary;
use crate::connections::entra_codes::{Credential, explanation, passes};
use crate::report::{EntraError, Kind, Report, Who};

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

/// Those of them that pass. Source: RFC 6749, section 4.1.2.1, and Microsoft Learn.
const PASSING: [&str; 2] = ["server_error", "temporarily_unavailable"];

/// The status of somebody who gets too many requests, whoever it is.
const TOO_MANY: u16 = 429;

/// What some editors and servers put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An answer to a sign-in that is no token.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: u16,
    /// How long the host asks to wait.
    pub retry_after: Option<Duration>,
    by: By,
}

/// Who refused.
#[derive(Clone, Debug)]
enum By {
    /// Entra, in these words.
    Entra { answer: EntraError, description: String },
    /// Somebody between here and Entra.
    Intermediary(Intermediary),
}

/// `body` without the mark that may stand before JSON.
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Whether an answer is a refusal though its status is that of a success: it is no JSON, or has
/// an error in it.
pub fn is_refusal(body: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(without_mark(body)) {
        Ok(value) => value.get("error").is_some_and(|error| !error.is_null()),
        Err(_) => true,
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
        let body = without_mark(body);
        let fields =
            serde_json::from_slice(body).ok().filter(|_| !Intermediary::has_status(status));
        let entra = fields.and_then(|fields| entra(&fields, &shows_secret));
        let by = entra
            .unwrap_or_else(|| By::Intermediary(Intermediary::read(status, body, shows_secret)));
        Self { status, retry_after, by }
    }

    /// OAuth's error, if Entra answered.
    pub fn error(&self) -> Option<&str> {
        match &self.by {
            By::Entra { answer, .. } => Some(&answer.error),
            By::Intermediary(_) => None,
        }
    }

    /// Whether another try is worth while: Entra says so, by its code where that is known, or
    /// who answered in its place may be gone by then.
    pub fn is_transient(&self) -> bool {
        let says_so = match &self.by {
            By::Intermediary(intermediary) => intermediary.is_transient(),
            By::Entra { answer, .. } => {
                let known: Vec<bool> =
                    answer.codes.iter().filter_map(|code| passes(*code)).collect();
                match known.as_slice() {
                    [] => PASSING.contains(&answer.error.as_str()),
                    known => known.contains(&true),
                }
            }
        };
        says_so || self.status == TOO_MANY
    }

    /// The refusal in a sentence with a fix, for the connection `id`, which signs in this credential.
    pub fn explain(self, id: &str, credential: Credential) -> Report {
        let transient = self.is_transient();
        let kind = match (self.status, &self.by) {
            (TOO_MANY, _) => Kind::Throttled,
            _ if transient && self.retry_after.is_some() => Kind::Throttled,
            (_, By::Intermediary(_)) => Kind::Transport,
            (_, By::Entra { .. }) => Kind::Unauthorized,
        };
        let retry_after = self.retry_after.filter(|_| kind == Kind::Throttled);
        let said = match self.by {
            By::Entra { answer, description } => {
                in_words(answer, &description, id, credential, transient)
            }
            By::Intermediary(_) if self.status == TOO_MANY => too_many(),
            By::Intermediary(intermediary) => intermediary.explain(id),
        };
        let error = Report { kind, retry_after, ..said };
        match retry_after {
            Some(wait) => Report { fix: come_back(wait), who: Who::Wait, ..error },
            None => error,
        }
    }
}

/// What Entra says; none where it has no OAuth error, as all that Entra says has. Source:
/// Microsoft Learn, "OAuth 2.0 authorization code flow", error response.
fn entra(fields: &Map<String, Value>, shows_secret: &impl Fn(&str) -> bool) -> Option<By> {
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
    let answer = EntraError {
        error,
        suberror: field("suberror"),
        codes: codes(fields.get("error_codes"), said),
        trace_id: field("trace_id"),
        correlation_id: field("correlation_id"),
        timestamp: field("timestamp"),
    };
    let first_line = said.lines().next().unwrap_or_default();
    // What is dropped for its second line is dropped whole, and Entra writes no pages.
    let shown = !shows_secret(said) && !first_line.contains("</");
    let description = Some(first_line).filter(|_| shown).and_then(clean).unwrap_or_default();
    Some(By::Entra { answer, description })
}

/// The numbers behind `AADSTS`: a list of them as a rule, or else those of the description.
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

/// A code that the table does not have: Entra's own words, and where they are explained.
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

/// Somebody gets too many requests, and does not say so as Entra does.
fn too_many() -> Report {
    let message = "there are too many requests (HTTP 429)";
    Report { who: Who::Wait, ..Report::unauthorized(message, "Wait a minute, then run again.") }
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
