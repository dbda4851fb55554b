//! References to other objects of the directory, as their URLs in a request.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::guid::Guid;
use super::member;
use super::refusal::Refusal;

/// The reference to the manager in the body of a user.
pub const MANAGER: &str = "manager@odata.bind";

/// The number of references in one request. Source: "Add members".
const MOST: usize = 20;

/// An object that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An object of any type, by its id.
    Object(Guid),
    /// A user, by object id or user principal name.
    User(String),
}

/// Returns the object in the body of a request to `$ref`.
pub fn of_body(body: &Map<String, Value>) -> Result<Reference, Refusal> {
    let url = member(body, "@odata.id").and_then(Value::as_str);
    url.ok_or_else(invalid).and_then(object)
}

/// Returns the object of the reference `name` in the body of an entity, if it is there.
pub fn one(body: &Map<String, Value>, name: &str) -> Result<Option<Reference>, Refusal> {
    member(body, name).map(|url| url.as_str().ok_or_else(invalid).and_then(object)).transpose()
}

/// Returns the objects of the references `name` in the body of an entity.
pub fn many(body: &Map<String, Value>, name: &str) -> Result<Vec<Reference>, Refusal> {
    let Some(urls) = member(body, name) else { return Ok(Vec::new()) };
    let urls = urls.as_array().ok_or_else(invalid)?;
    if urls.len() > MOST {
        return Err(Refusal::bad(format!(
            "The number of references in one request exceeds the maximum of {MOST}."
        )));
    }
    urls.iter().map(|url| url.as_str().ok_or_else(invalid).and_then(object)).collect()
}

/// Returns the object of a URL such as `https://graph.microsoft.com/v1.0/users/{id}`.
fn object(url: &str) -> Result<Reference, Refusal> {
    let mut parts = url.rsplit(['/', '(', ')', '\'']).filter(|part| !part.is_empty());
    let key = parts.next().ok_or_else(invalid)?;
    let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
    let by_id = |key: &str| key.parse().map(Reference::Object).map_err(|_| invalid());
    match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "directoryobjects" | "groups" => by_id(&key),
        "users" => Ok(Reference::User(key)),
        _ => Err(invalid()),
    }
}

/// Published of real responses.
fn invalid() -> Refusal {
    Refusal::bad("Invalid URL format specified in @odata.id for reference to a directory object.")
}
