//! Finds texts that look like secrets in the file of another program, before it becomes a
//! fixture.

use serde_json::Value;

use super::har::Entry;
use super::{secrets, tokens};
use values::problem::escaped;

/// A text that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakCandidate {
    /// The JSON pointer, followed by ` > ` and a pointer into the JSON in that text.
    pub pointer: String,
    /// The reason.
    pub reason: &'static str,
}

/// The names of fields with secrets, in lower case, without `-` and `_`.
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

/// The beginnings of secrets in a text, in lower case, with the reason.
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

/// The length from which base64 after `eyJ` is not a word.
const LONG: usize = 24;

/// Returns the first candidate in the exchange with the index `index` of its file.
pub fn in_entry(entry: &Entry, index: usize) -> Result<Option<LeakCandidate>, serde_json::Error> {
    let document = serde_json::to_value(entry)?;
    Ok(in_value(&document, "", &format!("/log/entries/{index}")))
}

/// Returns the first candidate in a document.
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
            // A header or a parameter states its name in another member.
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

/// Searches the text as it is.
fn in_plain(text: &str, field: &str) -> Option<&'static str> {
    let name: String = field.to_lowercase().chars().filter(|c| !"-_".contains(*c)).collect();
    if FIELDS.contains(&name.as_str()) && !text.is_empty() && !is_reference(text) {
        return Some("its name says that it is a secret; it must be a reference to one");
    }
    if tokens::removed(text).is_some() || has_long_token(text) {
        return Some("it holds a token");
    }
    // ASCII lower case keeps the position of every byte, so a match applies to `text` as well.
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

/// Searches the encoded parts.
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
