//! What Microsoft Graph accepts of a write, and its refusals. Both the simulator and plans use
//! these rules.
//!
//! - `accounts`: the values of a user's properties, of which `properties` is the list
//! - `groups`: the values of a group's properties
//! - `guid`: object ids
//! - `licensing`: changes of licences
//! - `media`: the media types of bodies
//! - `message`: mails; `mime`: those in MIME
//! - `names`: the resources and operations of Graph
//! - `passwords`: password profiles
//! - `references`: references to other objects
//! - `refusal`: error responses, with their sources
//! - `values`: what users and groups have in common

pub mod accounts;
pub mod groups;
pub mod guid;
pub mod licensing;
pub mod media;
pub mod message;
pub mod mime;
pub mod names;
pub mod passwords;
pub mod properties;
pub mod references;
pub mod refusal;
pub mod values;

use serde_json::{Map, Value};

pub use guid::Guid;
pub use media::Media;
pub use refusal::Refusal;

/// The largest request, in bytes. Source: Microsoft staff on mail: "currently limited to 4 MB",
/// refused with 413.
pub const MAX_BODY: usize = 4 << 20;

/// Fails when the body is too large.
pub fn check_size(body: &[u8]) -> Result<(), Refusal> {
    if body.len() <= MAX_BODY { Ok(()) } else { Err(Refusal::too_large()) }
}

/// Parses a body, which must be a JSON object.
fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Err(Refusal::malformed("Empty Payload. JSON content expected."));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(media::no_json()),
    }
}

/// Returns the member `name`, whatever its case: Graph's own clients send `Message` and
/// `message`, `mailNickName` and `mailNickname`.
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// Fails when the body of `operation` has another parameter than `names`.
pub fn only(body: &Map<String, Value>, names: &[&str], operation: &str) -> Result<(), Refusal> {
    let known =
        |name: &str| name.contains('@') || names.iter().any(|own| own.eq_ignore_ascii_case(name));
    match body.keys().find(|name| !known(name)) {
        Some(name) => Err(Refusal::unknown_parameter(name, operation)),
        None => Ok(()),
    }
}

/// Returns the member `name`, if it is text.
pub fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(object, name)?.as_str()
}
