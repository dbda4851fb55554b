//! One request as the resources see it, and their answers.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::odata::Query;
use super::refusal::Refusal;
use super::time::Time;

/// The largest request, in bytes. Source: Microsoft staff on mail: "currently limited to
/// 4 MB", answered with 413.
pub const MAX_BODY: usize = 4 << 20;

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
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Content,
}

/// An answer's body.
#[derive(Debug)]
pub enum Content {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Plain text.
    Text(String),
}

/// What comes of a request.
pub type Answered = Result<Answer, Refusal>;

impl Answer {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Content::Empty }
    }

    /// 200 with JSON.
    pub fn json(body: impl Into<Value>) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Content::Json(body.into()) }
    }

    /// 200 with plain text.
    pub fn text(body: String) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: Content::Text(body) }
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
        if self.body.len() <= MAX_BODY { Ok(()) } else { Err(Refusal::too_large()) }
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::malformed("Empty Payload. JSON content expected."));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Refusal::malformed(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )),
        }
    }
}

/// The member `name` of an object. Graph does not tell case apart in names: its own
/// clients send `Message` and `message`, `mailNickName` and `mailNickname`.
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// The text of the member `name`.
pub fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(object, name)?.as_str()
}
