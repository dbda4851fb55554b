//! The differences between a recording and its replay.

use serde::Serialize;
use serde_json::{Map, Value};
use similar::TextDiff;

use crate::egress::replay::Mismatch;
use crate::recording::{Secrets, har, matching, secrets};
use crate::values::Problem;

/// The unchanged lines around a difference.
const CONTEXT: usize = 3;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The subject.
    pub subject: Subject,
    /// The difference in a sentence.
    pub reason: String,
    /// A unified diff from the recording to the replay.
    pub diff: String,
}

/// The subject of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The action refuses the recorded input.
    Input,
    /// A request is different, additional or missing.
    Request,
    /// The result or the error.
    Outcome,
    /// The duration by the run's clock.
    Elapsed,
}

impl Difference {
    fn new(subject: Subject, reason: String, recorded: &str, replayed: &str) -> Self {
        let diff = TextDiff::from_lines(recorded, replayed)
            .unified_diff()
            .context_radius(CONTEXT)
            .header("recorded", "replayed")
            .to_string();
        Self { subject, reason, diff }
    }

    /// Returns the difference of a refused input.
    pub(super) fn input(problems: &[Problem]) -> Self {
        let problems: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.pointer, problem.message))
            .collect();
        let problems = problems.join("; ");
        let reason = format!("the action does not take the recorded input: {problems}");
        Self { subject: Subject::Input, reason, diff: String::new() }
    }

    /// Returns the difference of a request.
    pub(super) fn request(mismatch: &Mismatch, secrets: &Secrets) -> Self {
        let expected = mismatch.expected.as_ref();
        let recorded = expected.map(|request| recorded(request, secrets)).unwrap_or_default();
        // A file without headers does not state them.
        let headers = expected.is_none_or(|request| !request.headers.is_empty());
        let made = made(&mismatch.made, headers);
        Self::new(Subject::Request, mismatch.reason.clone(), &recorded, &made)
    }

    /// Returns the difference of recorded requests that are missing in the replay.
    pub(super) fn not_made(requests: &[har::Request], secrets: &Secrets) -> Option<Self> {
        let first = requests.first()?;
        let more = match requests.len() {
            1 => String::new(),
            count => format!(" and {} more", count.saturating_sub(1)),
        };
        let reason = format!(
            "the recording holds a request that this run did not make: {} {}{more}",
            first.method, first.url
        );
        let texts: Vec<String> =
            requests.iter().map(|request| recorded(request, secrets)).collect();
        Some(Self::new(Subject::Request, reason, &texts.join("\n"), ""))
    }

    /// Returns the difference of durations on a virtual clock, in milliseconds: the waits of
    /// the component have changed.
    pub(super) fn elapsed(expected: u64, given: u64) -> Option<Self> {
        let reason = format!(
            "the run took {given} ms by its own clock, and {expected} ms when it was recorded"
        );
        let [recorded, replayed] = [expected, given].map(|time| format!("{time} ms\n"));
        (expected != given).then(|| Self::new(Subject::Elapsed, reason, &recorded, &replayed))
    }

    /// Returns the difference of outcomes.
    pub(super) fn outcome(expected: &Value, given: &Value) -> Option<Self> {
        let reason = "the outcome of the run is not the recorded one".to_owned();
        let difference = || Self::new(Subject::Outcome, reason, &pretty(expected), &pretty(given));
        (expected != given).then(difference)
    }
}

/// Returns a recorded request as text, with the secrets of the replay.
fn recorded(request: &har::Request, secrets: &Secrets) -> String {
    let headers = request.headers.iter().map(|header| (header.name.as_str(), &*header.value));
    let body = request.post_data.as_ref().map_or("", |data| &data.text);
    let body = match serde_json::from_str(body) {
        Ok(value) => pretty(&with_secrets(value, secrets)),
        Err(_) => body.to_owned(),
    };
    text(&format!("{} {}", request.method, request.url), headers, &body)
}

/// Returns a replayed request as text.
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

/// Returns indented JSON with sorted keys.
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

/// Resolves the references in a recorded body.
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
