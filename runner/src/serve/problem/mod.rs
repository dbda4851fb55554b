//! A failed call as problem details (RFC 9457), with the whole error inside.
//!
//! - `kinds`: the table of kinds, with the status of each

pub mod kinds;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

pub use kinds::Kind;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What a call without a good key is asked for (RFC 6750).
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"o365\"");

/// A failed call.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    /// Boxed, since most results have no problem to carry.
    headers: Box<HeaderMap>,
    body: Value,
}

impl Problem {
    /// The problem of an error in the form that actions' errors have: `kind`, `message`, `fix`
    /// and the rest. A kind that the table does not have is status 500, without a type.
    pub fn new(error: Value) -> Self {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = Kind::named(text("kind"));
        let status = kind.map_or(StatusCode::INTERNAL_SERVER_ERROR, |kind| kind.status);
        let (of_type, title) = match kind {
            Some(kind) => (format!("urn:o365:problem:{}", kind.name), kind.title),
            // The type that says no more than the status, whose words are then the title.
            None => ("about:blank".to_owned(), "Internal Server Error"),
        };
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, CHALLENGE);
        }
        if kind.is_some_and(|kind| kind.passes)
            && let Some(seconds) = error.get("retryAfterSeconds").and_then(Value::as_u64)
        {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let body = json!({
            "type": of_type, "title": title, "status": status.as_u16(),
            "detail": text("message"), "error": error,
        });
        Self { status, headers: Box::new(headers), body }
    }

    /// A call that the server itself refuses, before anything was done: its kind, what is
    /// wrong, and what to do about it.
    pub fn refusal(kind: &str, message: &str, fix: &str) -> Self {
        Self::new(refused(kind, message, fix))
    }

    /// A call without a good key.
    pub fn unauthenticated(message: &str) -> Self {
        let fix = "Send the key that o365 tenant add printed, as Authorization: Bearer KEY.";
        Self::refusal("unauthenticated", message, fix)
    }

    /// The same for a kind that passes, with the seconds after which to come back.
    pub fn come_back(kind: &str, message: &str, fix: &str, seconds: u64) -> Self {
        let mut error = refused(kind, message, fix);
        if let Some(error) = error.as_object_mut() {
            error.insert("who".to_owned(), "wait".into());
            error.insert("retryAfterSeconds".to_owned(), seconds.into());
        }
        Self::new(error)
    }

    /// A method that a path does not have; `allowed` are those it has.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let fix = format!("Use one of these methods: {allowed}.");
        let message = "the path does not have this method";
        Self::refusal("method-not-allowed", message, &fix)
            .with(ALLOW, HeaderValue::from_static(allowed))
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body of the answer.
    pub fn body(&self) -> &Value {
        &self.body
    }
}

fn refused(kind: &str, message: &str, fix: &str) -> Value {
    json!({
        "kind": kind, "message": message, "fix": fix,
        "who": "caller", "retrySafe": true, "completed": [],
    })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, *self.headers, self.body.to_string()).into_response()
    }
}
