//! One of the action's calls as an entry has it: in order, once, whole or with what it lacks.

use http::Method;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

use super::address::Line;
use super::answer;
use super::beside::Beside;
use super::body;
use super::defect::Defect;
use super::document::Raw;
use super::loose;
use crate::exchange::{query, size};
use crate::har::{Entry, PostData, Request};

/// Two copies of one request begin at most so much apart, in milliseconds. The next call of a
/// run begins when the one before has ended, and that takes longer.
const SAME_MOMENT_MS: f64 = 50.0;

/// An entry that is a call of the action.
pub struct Candidate {
    /// Which of the file's entries it is, from 0.
    pub index: usize,
    /// The exchange, or why it cannot be replayed.
    pub entry: Result<Entry, Defect>,
    line: Line,
    started: Option<Timestamp>,
    time: f64,
    status: Option<f64>,
    silent: bool,
}

impl Candidate {
    /// The candidate in an entry whose request is `line`.
    pub fn new(index: usize, raw: &Raw, line: Line, beside: &mut Beside) -> Self {
        let time = loose::number(&raw.value, "time").unwrap_or_default().max(0.0);
        let mut silent = false;
        let entry = request(raw, &line, beside).and_then(|request| {
            let outcome = answer::outcome(raw, beside)?;
            silent = outcome.silent;
            let started_date_time = loose::text(&raw.value, "startedDateTime").unwrap_or_default();
            let response = outcome.response;
            let entry = Entry { started_date_time, time, request, response, ..Entry::default() };
            entry.check().map_err(Defect::Impossible)?;
            Ok(entry)
        });
        let started = started(&raw.value);
        Self { index, entry, line, started, time, status: answer::status(raw), silent }
    }

    /// Whether it is the same request as `other`, which holds what this one lacks: a program
    /// noted it twice, such as before it was answered and afterwards.
    fn is_less_of(&self, other: &Self) -> bool {
        let lacks = self.silent || self.entry.is_err();
        let is_whole = !other.silent && other.entry.is_ok();
        let same_status = self.status.is_none() || self.status == other.status;
        lacks && is_whole && same_status && self.line == other.line && self.meets(other)
    }

    /// Whether one of two requests began before the other had ended.
    fn meets(&self, other: &Self) -> bool {
        let Some((own, others)) = self.started.zip(other.started) else { return false };
        let (first, apart) = if own <= others {
            (self, others.duration_since(own))
        } else {
            (other, own.duration_since(others))
        };
        apart.as_secs_f64() * 1000.0 < first.time.max(SAME_MOMENT_MS)
    }
}

/// Puts calls in the order in which they were made, which is not always the one in which they
/// were written down, and leaves out what was written down twice.
pub fn in_order(mut calls: Vec<Candidate>) -> Vec<Candidate> {
    // One without a time stays behind the one before it.
    let mut last = None;
    for call in &mut calls {
        call.started = call.started.or(last);
        last = call.started;
    }
    calls.sort_by_key(|call| call.started);
    let mut once: Vec<Candidate> = Vec::with_capacity(calls.len());
    for call in calls {
        match once.last_mut() {
            Some(before) if call.is_less_of(before) => {}
            Some(before) if before.is_less_of(&call) => *before = call,
            _ => once.push(call),
        }
    }
    once
}

/// When a request was sent: ISO 8601, with an offset or without, or milliseconds since 1970.
fn started(entry: &Value) -> Option<Timestamp> {
    let text = loose::text(entry, "startedDateTime")?;
    let text = text.trim();
    let civil = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse::<Timestamp>().ok().or_else(civil).or_else(|| {
        let milliseconds = loose::number(entry, "startedDateTime").and_then(loose::whole)?;
        Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
    })
}

/// The request: not who signed in, nor what sent it. Another program sends other headers.
fn request(raw: &Raw, line: &Line, beside: &mut Beside) -> Result<Request, Defect> {
    let request = raw.value.get("request").unwrap_or(&Value::Null);
    let post_data = loose::member(request, "postData").unwrap_or(&Value::Null);
    let text = match body::read(post_data, beside).map_err(Defect::Request)? {
        None => loose::form(post_data).unwrap_or_default(),
        Some(body) => String::from_utf8_lossy(&body.bytes).into_owned(),
    };
    // Every one of the actions' calls with these methods has a body.
    if text.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&line.method) {
        return Err(Defect::NoRequestBody);
    }
    let mime_type = loose::text(post_data, "mimeType").unwrap_or_default();
    Ok(Request {
        method: line.method.to_string(),
        url: line.url.clone(),
        http_version: loose::text(request, "httpVersion").unwrap_or_default(),
        query_string: query(&line.url),
        body_size: size(text.len()),
        post_data: (!text.is_empty()).then_some(PostData { mime_type, text }),
        ..Request::default()
    })
}
