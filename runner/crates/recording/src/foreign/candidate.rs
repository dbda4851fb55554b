//! The calls of the action in a file: in order, without duplicates.

use http::Method;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

use super::address::RequestLine;
use super::attachments::Attachments;
use super::body;
use super::defect::Defect;
use super::document::Raw;
use super::lenient;
use super::response;
use crate::exchange::query;
use crate::har::{Entry, PostData, Request, Size};

/// The greatest distance between the starts of two copies of a request, in milliseconds. The next
/// call of a run starts after the response, which takes longer.
const SAME_MOMENT_MS: f64 = 50.0;

pub struct Candidate {
    pub index: usize,
    /// The exchange, or why it cannot be replayed.
    pub entry: Result<Entry, Defect>,
    line: RequestLine,
    started: Option<Timestamp>,
    time: f64,
    status: Option<f64>,
    silent: bool,
}

impl Candidate {
    pub fn new(index: usize, raw: &Raw, line: RequestLine, attachments: &mut Attachments) -> Self {
        let time = lenient::number(&raw.value, "time").unwrap_or_default().max(0.0);
        let mut silent = false;
        let entry = request(raw, &line, attachments).and_then(|request| {
            let read = response::read(raw, attachments)?;
            silent = read.silent;
            let started_date_time =
                lenient::text(&raw.value, "startedDateTime").unwrap_or_default();
            let response = read.response;
            let entry = Entry { started_date_time, time, request, response, ..Entry::default() };
            entry.check().map_err(Defect::Impossible)?;
            Ok(entry)
        });
        let started = started(&raw.value);
        Self { index, entry, line, started, time, status: response::status(raw), silent }
    }

    /// Whether this is an incomplete copy of `other`: a program may store a request before and
    /// after its response.
    fn is_less_of(&self, other: &Self) -> bool {
        let lacks = self.silent || self.entry.is_err();
        let is_whole = !other.silent && other.entry.is_ok();
        let same_status = self.status.is_none() || self.status == other.status;
        lacks && is_whole && same_status && self.line == other.line && self.meets(other)
    }

    /// Whether one request started before the other ended.
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

/// Sorts calls by their start, and removes incomplete copies.
pub fn in_order(mut calls: Vec<Candidate>) -> Vec<Candidate> {
    // A call without a time stays behind its predecessor.
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

/// Returns the start: ISO 8601, with or without an offset, or milliseconds since 1970.
fn started(entry: &Value) -> Option<Timestamp> {
    let text = lenient::text(entry, "startedDateTime")?;
    let text = text.trim();
    let civil = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse::<Timestamp>().ok().or_else(civil).or_else(|| {
        let milliseconds = lenient::number(entry, "startedDateTime").and_then(lenient::whole)?;
        Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
    })
}

/// Returns the request without headers, which differ between programs.
fn request(
    raw: &Raw,
    line: &RequestLine,
    attachments: &mut Attachments,
) -> Result<Request, Defect> {
    let request = raw.value.get("request").unwrap_or(&Value::Null);
    let post_data = lenient::member(request, "postData").unwrap_or(&Value::Null);
    let text = match body::read(post_data, attachments).map_err(Defect::Request)? {
        None => lenient::form(post_data).unwrap_or_default(),
        Some(body) => String::from_utf8_lossy(&body.bytes).into_owned(),
    };
    // Every call of the actions with these methods has a body.
    if text.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&line.method) {
        return Err(Defect::NoRequestBody);
    }
    let mime_type = lenient::text(post_data, "mimeType").unwrap_or_default();
    Ok(Request {
        method: line.method.to_string(),
        url: line.url.clone(),
        http_version: lenient::text(request, "httpVersion").unwrap_or_default(),
        query_string: query(&line.url),
        body_size: Size::of(&text),
        post_data: (!text.is_empty()).then_some(PostData { mime_type, text }),
        ..Request::default()
    })
}
