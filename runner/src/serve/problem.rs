//! Errors as problem documents (RFC 9457) that contain the whole error. The statuses are in the
//! table of kinds.

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::report::{Kind, Report};
use crate::values::schema::NoSchema;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The challenge to unauthenticated requests (RFC 6750).
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"o365\"");

/// A problem document with its status and headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    /// Boxed to keep results small.
    headers: Box<HeaderMap>,
    body: Value,
}

impl Problem {
    /// Creates the problem document of an error. A kind that is not in the table has the status
    /// 500 and no type.
    pub fn new(report: &Report) -> Self {
        let http = report.http();
        let status = http.map_or(StatusCode::INTERNAL_SERVER_ERROR, |http| http.status);
        let (problem_type, title) = match http {
            Some(http) => (format!("urn:o365:problem:{}", report.kind_name()), http.title),
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
            "type": problem_type, "title": title, "status": status.as_u16(),
            "detail": report.message, "error": error,
        });
        Self { status, headers: Box::new(headers), body }
    }

    /// Creates the problem document of a request that the server rejects.
    pub fn refusal(kind: Kind, message: &str, fix: &str) -> Self {
        Self::new(&Report::new(kind, message, fix))
    }

    /// Creates the problem document of an unauthenticated request.
    pub fn unauthenticated(message: &str) -> Self {
        let fix = "Send the key that o365 tenant add printed, as Authorization: Bearer KEY or as X-API-Key: KEY.";
        Self::refusal(Kind::Unauthenticated, message, fix)
    }

    /// Creates the problem document of a request with a key that no tenant has.
    pub(super) fn unknown_key() -> Self {
        Self::unauthenticated("the key does not belong to any tenant")
    }

    /// Creates the problem document of a method other than those `allowed`.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let fix = format!("Use one of these methods: {allowed}.");
        let message = "the path does not have this method";
        let mut problem = Self::refusal(Kind::MethodNotAllowed, message, &fix);
        problem.headers.insert(ALLOW, HeaderValue::from_static(allowed));
        problem
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body.
    pub fn body(&self) -> &Value {
        &self.body
    }
}

/// A component whose types have no schema.
impl From<NoSchema> for Problem {
    fn from(error: NoSchema) -> Self {
        let fix = "Report it to the developers of the component.";
        Self::refusal(Kind::Internal, &error.to_string(), fix)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, *self.headers, self.body.to_string()).into_response()
    }
}
