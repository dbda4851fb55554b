//! What looks like a secret, in a file of which nobody knows the secrets: looked for before a
//! file is accepted among the fixtures.

use serde_json::Value;

use super::har::Entry;
use super::{secrets, tokens};
use values::problem::escaped;

/// Something that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakCandidate {
    /// Where, as a JSON pointer; behind `>`, one into the JSON in that text.
    pub pointer: String,
    /// Why it looks like one.
    pub reason: &'static str,
}

/// The names of fields that hold secrets, in lower case, with neither `-` nor `_`.
const FIELDS: [&str; 21] = [
    "accesskey",
    "accesstoken",
    "accountkey",
    "apikey",
    "authorization",
    "clientassertion",
    "clientsecret",
    "connectionstring",
    "cookie",
    "idtoken",
    "key1",
    "key2",
    "passphrase",
    "password",
    "privatekey",
    "pwd",
    "refreshtoken",
    "sas",
    "secret",
    "secrettext",
    "sharedaccesskey",
];

/// What begins a secret in a text, in lower case, and why it is one.
const MARKS: [(&str, &str); 8] = [
    ("-----begin ", "it holds a key or a certificate in PEM form"),
    ("client_secret=", "it holds a client secret"),
    ("client_assertion=", "it holds a client assertion"),
    ("refresh_token=", "it holds a refresh token"),
    ("access_token=", "it holds an access token"),
    ("password=", "it holds a password"),
    ("accountkey=", "it holds the key of a storage account"),
    ("sharedaccesssignature=", "it holds a shared access signature"),
];

/// A text of so many characters of base64 after `eyJ` is no word.
const LONG: usize = 24;

/// The first candidate in an exchange, which is the one with this index in its file.
pub fn in_entry(entry: &Entry, index: usize) -> Result<Option<LeakCandidate>, serde_json::Error> {
    let document = serde_json::to_value(entry)?;
    Ok(in_value(&document, "", &format!("/log/entries/{index}")))
}

/// The first candidate in a document.
pub fn in_document(document: &Value) -> Option<LeakCandidate> {
    in_value(document, "", "")
}

fn in_value(value: &Value, field: &str, at: &str) -> Option<LeakCandidate> {
    if secrets::reference(value).is_some() {
        return None;
    }
    match value {
        Value::String(text) => in_text(text, field, at),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| in_value(item, field, &format!("{at}/{index}"))),
        Value::Object(fields) => {
            // A header or a parameter has its name beside it.
            let name = fields.get("name").and_then(Value::as_str);
            fields.iter().find_map(|(key, item)| {
                let field = if key == "value" { name.unwrap_or(key) } else { key };
                in_value(item, field, &format!("{at}/{}", escaped(key)))
            })
        }
        _ => None,
    }
}

fn in_text(text: &str, field: &str, at: &str) -> Option<LeakCandidate> {
    if text.trim_start().starts_with(['{', '['])
        && let Ok(inner) = serde_json::from_str::<Value>(text)
    {
        return in_value(&inner, field, &format!("{at} > "));
    }
    let reason = in_plain(text, field).or_else(|| in_wrapped(text, field))?;
    Some(LeakCandidate { pointer: at.to_owned(), reason })
}

/// In the text as it is.
fn in_plain(text: &str, field: &str) -> Option<&'static str> {
    let name: String = field.to_lowercase().chars().filter(|c| !"-_".contains(*c)).collect();
    if FIELDS.contains(&name.as_str()) && !text.is_empty() && !is_reference(text) {
        return Some("its name says that it is a secret; it must be a reference to one");
    }
    if tokens::removed(text).is_some() || has_long_token(text) {
        return Some("it holds a token");
    }
    // Keeps every byte in its place, as the marks are found in one and looked behind in the other.
    let lower = text.to_ascii_lowercase();
    let mut marks = MARKS.iter();
    let marked = marks.find(|(mark, _)| {
        lower.match_indices(mark).any(|(place, _)| {
            let behind = text.get(place + mark.len()..).unwrap_or_default();
            !behind.is_empty() && !is_reference(behind)
        })
    });
    marked.map(|(_, reason)| *reason)
}

/// In what is encoded within the text, and within that.
fn in_wrapped(text: &str, field: &str) -> Option<&'static str> {
    let found = std::cell::Cell::new(None);
    super::texts::change_text(text, &|inner| {
        if inner != text && found.get().is_none() {
            found.set(in_plain(inner, field));
        }
        None
    });
    found.into_inner()
}

fn is_reference(text: &str) -> bool {
    text.starts_with("{\"$secret\":") || text.starts_with(tokens::REMOVED)
}

fn has_long_token(text: &str) -> bool {
    text.match_indices("eyJ").any(|(place, _)| {
        let token = text.get(place..).unwrap_or_default();
        token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).count() >= LONG
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_found_with_its_place() {
        let jwt = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJjb250b3NvIn0.c2lnbmF0dXJl";
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        for (document, pointer) in [
            (json!({ "a": [format!("x {jwt}")] }), "/a/0"),
            (json!({ "a": "Bearer 0123456789abcdef" }), "/a"),
            (json!({ "a": "eyJhdWQiOiJjb250b3NvLWFuZC1tb3JlIn0" }), "/a"),
            (json!({ "passwordProfile": { "password": "x" } }), "/passwordProfile/password"),
            (json!({ "text": json!({ "password": "x" }).to_string() }), "/text > /password"),
            (
                json!({ "headers": [{ "name": "x-api-key", "value": "1" }, { "name": "Cookie", "value": "a=1" }] }),
                "/headers/1/value",
            ),
            (json!({ "a": format!("see {pem}") }), "/a"),
            (json!({ "contentBytes": STANDARD.encode(pem) }), "/contentBytes"),
            (json!({ "text": "grant_type=x&client_secret=abc" }), "/text"),
            (json!({ "a": "DefaultEndpointsProtocol=https;AccountKey=abc" }), "/a"),
            // In lower case such letters take more bytes.
            (json!({ "a": "İİİİİİİİİ password=abc" }), "/a"),
        ] {
            let found = in_document(&document);
            assert_eq!(found.map(|found| found.pointer).as_deref(), Some(pointer), "{document}");
        }
    }

    #[test]
    fn what_is_none_is_not() {
        for document in [
            json!({ "password": { "$secret": "password" } }),
            json!({ "password": "{\"$secret\":\"password\"}" }),
            json!({ "text": "{\"password\":{\"$secret\":\"password\"}}" }),
            json!({ "password": "" , "forceChangePasswordNextSignIn": true }),
            json!({ "message": "The specified password does not comply; eyJ is no token." }),
        ] {
            assert_eq!(in_document(&document), None, "{document}");
        }
    }
}
