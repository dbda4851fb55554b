//! Requests and responses of resources.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::odata::{Query, metadata};
use super::refusal::Refusal;
use super::time::Time;

pub use graph::{MAX_BODY, Media, member, text};

/// A parsed request.
pub struct Exchange<'a> {
    pub method: &'a Method,
    /// The URL of Graph's version root in the request.
    pub base: String,
    pub query: Query,
    /// Whether the request accepts eventual consistency, as advanced queries must.
    pub eventual: bool,
    /// The media type of the body.
    pub media: Media,
    pub body: Bytes,
    pub caller: &'a Caller,
    /// The time.
    pub at: Time,
}

/// The response of a resource.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// Additional headers.
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// The body of a response.
#[derive(Debug)]
pub enum Body {
    /// No body.
    Empty,
    Json(Value),
    /// Plain text.
    Text(String),
}

/// The result of a request.
pub type ResponseOrRefusal = Result<Response, Refusal>;

impl Response {
    /// Creates a response without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    /// Creates a response with the status 200 and JSON.
    pub fn json(body: impl Into<Value>) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Body::Json(body.into()) }
    }

    /// Creates a response with the status 200 and plain text.
    pub fn text(body: String) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Body::Text(body) }
    }

    /// Removes the control information if the headers of the request ask for none.
    pub fn for_client(mut self, asked: &HeaderMap) -> Self {
        if let (Body::Json(body), Some(kind)) = (&mut self.body, metadata::without(asked)) {
            metadata::remove(body);
            self.headers.push(("content-type", kind.to_owned()));
        }
        self
    }
}

impl Exchange<'_> {
    /// Returns whether headers accept eventual consistency.
    pub fn is_eventual(headers: &HeaderMap) -> bool {
        headers
            .get("consistencylevel")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("eventual"))
    }

    /// Parses the body as a JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, Refusal> {
        self.media.object(&self.body)
    }

    /// Returns the `@odata.context` of an entity or a collection.
    pub fn context(&self, name: &str) -> (String, Value) {
        ("@odata.context".to_owned(), format!("{}/$metadata#{name}", self.base).into())
    }
}
