//! One request as the resources see it, and their answers.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::odata::Query;
use super::refusal::Refusal;
use super::time::Time;
use graph;

pub use graph::{MAX_BODY, member, text};

/// A request, taken apart.
pub struct Exchange<'a> {
    /// The method.
    pub method: &'a Method,
    /// Graph's version root, as the request addressed it.
    pub base: String,
    /// The query.
    pub query: Query,
    /// Whether the request accepts answers that lag behind, as advanced queries must.
    pub eventual: bool,
    /// The body.
    pub body: Bytes,
    /// Who asks.
    pub caller: &'a Caller,
    /// When.
    pub at: Time,
}

/// What a resource answers.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// An answer's body.
#[derive(Debug)]
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Plain text.
    Text(String),
}

/// What comes of a request.
pub type ResponseOrRefusal = Result<Response, Refusal>;

impl Response {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    /// 200 with JSON.
    pub fn json(body: impl Into<Value>) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Body::Json(body.into()) }
    }

    /// 200 with plain text.
    pub fn text(body: String) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Body::Text(body) }
    }
}

impl Exchange<'_> {
    /// Whether a request says that it accepts answers that lag behind.
    pub fn is_eventual(headers: &HeaderMap) -> bool {
        headers
            .get("consistencylevel")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("eventual"))
    }

    /// Refuses a body that is too large for Graph's front.
    pub fn check_size(&self) -> Result<(), Refusal> {
        graph::check_size(&self.body)
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, Refusal> {
        graph::object(&self.body)
    }
}
