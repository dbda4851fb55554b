//! What Microsoft Graph accepts of a write, and how it refuses one. The simulated tenant and
//! a plan both answer by these rules, and so cannot disagree on them.
//!
//! - `refusal`: error responses, each with its source
//! - `accounts`: the values of a user's properties; `properties` says which there are
//! - `licensing`: what a change of licences needs
//! - `message`: reading a mail
//! - `guid`: ids

pub mod accounts;
pub mod guid;
pub mod licensing;
pub mod message;
pub mod properties;
pub mod refusal;

use serde_json::{Map, Value};

pub use guid::Guid;
pub use refusal::Refusal;

/// The largest request, in bytes. Source: Microsoft staff on mail: "currently limited to
/// 4 MB", answered with 413.
pub const MAX_BODY: usize = 4 << 20;

/// Refuses a body that is too large for Graph's front.
pub fn check_size(body: &[u8]) -> Result<(), Refusal> {
    if body.len() <= MAX_BODY { Ok(()) } else { Err(Refusal::too_large()) }
}

/// A body as the JSON object that it has to be.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Err(Refusal::malformed("Empty Payload. JSON content expected."));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refusal::malformed(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )),
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
