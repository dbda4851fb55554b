//! What differs between a recording and its replay.

use serde::Serialize;
use serde_json::{Map, Value};
use similar::TextDiff;

use crate::egress::replay::Mismatch;
use crate::recording::{Secrets, har, matching, secrets};
use crate::values::Problem;

/// How many lines that are the same stand around those that differ.
const CONTEXT: usize = 3;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs.
    pub subject: Subject,
    /// The difference in one sentence.
    pub reason: String,
    /// The recorded lines against the replayed ones, as a unified diff.
    pub diff: String,
}

/// What can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The action does not take the recorded input any more.
    Input,
    /// A request is another one, is one too many, or was not made.
    Request,
    /// What the action returned or failed with.
    Outcome,
    /// How long the run took by its own clock.
    Elapsed,
}

impl Difference {
    /// The recorded input was refused.
    pub(super) fn input(problems: &[Problem]) -> Self {
        let told: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.pointer, problem.message))
            .collect();
        Self {
            subject: Subject::Input,
            reason: format!("the action does not take the recorded input: {}", told.join("; ")),
            diff: String::new(),
        }
    }

    /// A request was not the recorded one.
    pub(super) fn request(mismatch: &Mismatch, secrets: &Secrets) -> Self {
        let expected = mismatch.expected.as_ref();
        let recorded = expected.map(|request| recorded(request, secrets)).unwrap_or_default();
        // A file that lists no headers says nothing about them.
        let headers = expected.is_none_or(|request| !request.headers.is_empty());
        let made = made(&mismatch.made, headers);
        Self {
            subject: Subject::Request,
            reason: mismatch.reason.clone(),
            diff: unified(&recorded, &made),
        }
    }

    /// Recorded requests that the run did not make, if there are any.
    pub(super) fn not_made(requests: &[har::Request], secrets: &Secrets) -> Option<Self> {
        let first = requests.first()?;
        let more = match requests.len() {
            1 => String::new(),
            count => format!(" and {} more", count.saturating_sub(1)),
        };
        let texts: Vec<String> =
            requests.iter().map(|request| recorded(request, secrets)).collect();
        Some(Self {
            subject: Subject::Request,
            reason: format!(
                "the recording holds a request that this run did not make: {} {}{more}",
                first.method, first.url
            ),
            diff: unified(&texts.join("\n"), ""),
        })
    }

    /// How long the run took by a virtual clock, in milliseconds, if it is not what was
    /// recorded: the component waits otherwise than it did.
    pub(super) fn elapsed(expected: u64, given: u64) -> Option<Self> {
        if expected == given {
            return None;
        }
        Some(Self {
            subject: Subject::Elapsed,
            reason: format!(
                "the run took {given} ms by its own clock, and {expected} ms when it was recorded"
            ),
            diff: unified(&milliseconds(expected), &milliseconds(given)),
        })
    }

    /// What came of the run, if it is not what was recorded.
    pub(super) fn outcome(expected: &Value, given: &Value) -> Option<Self> {
        if expected == given {
            return None;
        }
        Some(Self {
            subject: Subject::Outcome,
            reason: "what came of the run is not what was recorded".to_owned(),
            diff: unified(&pretty(expected), &pretty(given)),
        })
    }
}

fn milliseconds(time: u64) -> String {
    format!("{time} ms\n")
}

fn unified(recorded: &str, replayed: &str) -> String {
    TextDiff::from_lines(recorded, replayed)
        .unified_diff()
        .context_radius(CONTEXT)
        .header("recorded", "replayed")
        .to_string()
}

/// A recorded request as text, the run's own secrets in place of the references to them.
fn recorded(request: &har::Request, secrets: &Secrets) -> String {
    let headers = request.headers.iter().map(|header| (header.name.as_str(), &*header.value));
    let body = request.post_data.as_ref().map_or("", |data| &data.text);
    let body = match serde_json::from_str(body) {
        Ok(value) => pretty(&with_secrets(value, secrets)),
        Err(_) => body.to_owned(),
    };
    text(&format!("{} {}", request.method, request.url), headers, &body)
}

/// A request that was made, as text.
fn made(request: &crate::egress::Request, with_headers: bool) -> String {
    let headers = request
        .headers()
        .iter()
        .filter(|_| with_headers)
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("(not text)")));
    let body = match serde_json::from_slice(request.body()) {
        Ok(value) => pretty(&value),
        Err(_) => String::from_utf8_lossy(request.body()).into_owned(),
    };
    text(&format!("{} {}", request.method(), request.uri()), headers, &body)
}

fn text<'a>(first: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> String {
    let mut headers: Vec<String> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| matching::RELEVANT_HEADERS.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    headers.sort();
    let body = if body.is_empty() { String::new() } else { format!("\n{}\n", body.trim_end()) };
    format!("{first}\n{}{body}", headers.concat())
}

/// JSON in lines, its keys in order: what is the same looks the same.
fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(&sorted(value.clone())).unwrap_or_default();
    format!("{text}\n")
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            fields.sort_keys();
            Value::Object(fields.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// A recorded body with secrets in place of its references.
fn with_secrets(value: Value, secrets: &Secrets) -> Value {
    if let Some(secret) = secrets::reference(&value)
        .and_then(|found| found.resolve(secrets).map(|secret| secret.into_owned()))
    {
        return secret.into();
    }
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, with_secrets(value, secrets)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(|item| with_secrets(item, secrets)).collect(),
        Value::String(text) => secrets::resolve(&text, secrets).into(),
        other => other,
    }
}
