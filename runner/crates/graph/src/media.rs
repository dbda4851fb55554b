//! The media types of bodies.

use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The media type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON.
    Json,
    /// Plain text: a mail in MIME. Source: "user: sendMail".
    Text,
    /// Another one, or none.
    Other,
}

impl Media {
    /// Returns the media type that headers announce.
    pub fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "text/plain" => Self::Text,
            _ => Self::Other,
        }
    }

    /// Parses a body of this type as a JSON object.
    pub fn object(self, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
        if self == Self::Json || body.is_empty() { super::object(body) } else { Err(no_json()) }
    }
}

/// A body that is not JSON, or does not say that it is.
pub(super) fn no_json() -> Refusal {
    Refusal::malformed(
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    )
}
