//! An error as problem details (RFC 9457), with the whole error inside. The statuses are in
//! the table of kinds.

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::report::{Kind, Report};

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
    /// The problem of an error. A kind that the table does not have is status 500, without a
    /// type.
    pub fn new(report: &Report) -> Self {
        let http = report.http();
        let status = http.map_or(StatusCode::INTERNAL_SERVER_ERROR, |http| http.status);
        let (of_type, title) = match http {
            Some(http) => (format!("urn:o365:problem:{}", report.kind_name()), http.title),
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
        let error = report.to_json();
        let seconds = error.get("retryAfterSeconds").and_then(Value::as_u64);
        if let Some(seconds) = seconds.filter(|_| http.is_some_and(|http| http.retry_after)) {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let body = json!({
            "type": of_type, "title": title, "status": status.as_u16(),
            "detail": report.message, "error": error,
        });
        Self { status, headers: Box::new(headers), body }
    }

    /// A request that the server itself refuses, before anything was done: its kind, what is
    /// wrong, and what to do about it.
    pub fn refusal(kind: Kind, message: &str, fix: &str) -> Self {
        Self::new(&Report::new(kind, message, fix))
    }

    /// A request without a good key.
    pub fn unauthenticated(message: &str) -> Self {
        let fix = "Send the key that o365 tenant add printed, as Authorization: Bearer KEY.";
        Self::refusal(Kind::Unauthenticated, message, fix)
    }

    /// A method that a path does not have; `allowed` are those it has.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let fix = format!("Use one of these methods: {allowed}.");
        let message = "the path does not have this method";
        Self::refusal(Kind::MethodNotAllowed, message, &fix)
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, *self.headers, self.body.to_string()).into_response()
    }
}
