//! Secrets in recordings: a reference replaces the value of a secret input.
//!
//! `{"$secret": "password"}` stands for the value. `"as": "base64"` or `"as": "html"` states its
//! encoding. The reference replaces a JSON string that is the secret as a whole. In a longer
//! string it is part of the text, and it is encoded with the text around it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{StreamDeserializer, Value, de::StrRead};

use super::forms::html;
use super::texts;

/// The secret inputs of a run, by their JSON names.
pub type Secrets = BTreeMap<String, String>;

/// The first characters of a reference.
const BEGINNING: &str = "{\"$secret\":";

/// A reference to a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The name of the secret.
    #[serde(rename = "$secret")]
    pub name: String,
    #[serde(rename = "as", default)]
    form: Encoding,
    /// What the placeholder must look like.
    pub like: Option<PlaceholderForm>,
}

/// What a placeholder must look like, so that the action treats it as it treated the secret. Only
/// the reference in an input states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceholderForm {
    /// A private key in PEM form.
    Pem,
    /// A value that the action refused, with each character replaced by its class. It is recorded
    /// only if nothing was sent.
    Refused(String),
}

/// How a secret is encoded in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Not encoded.
    #[default]
    Plain,
    /// Base64 of the secret alone.
    Base64,
    /// Escaped as HTML.
    Html,
}

impl Encoding {
    /// Returns the encoded `secret`.
    pub fn of(self, secret: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => Cow::Borrowed(secret),
            Self::Base64 => Cow::Owned(STANDARD.encode(secret)),
            Self::Html => Cow::Owned(html(secret)),
        }
    }

    /// Returns the text of the reference to the secret `name`.
    pub fn reference(self, name: &str) -> String {
        let name = Value::from(name);
        match self {
            Self::Plain => format!("{BEGINNING}{name}}}"),
            Self::Base64 => format!("{BEGINNING}{name},\"as\":\"base64\"}}"),
            Self::Html => format!("{BEGINNING}{name},\"as\":\"html\"}}"),
        }
    }
}

impl Reference {
    /// Returns the encoded secret, or `None` where the run does not have it.
    pub fn resolve<'a>(&self, secrets: &'a Secrets) -> Option<Cow<'a, str>> {
        Some(self.form.of(secrets.get(&self.name)?))
    }
}

/// Returns the reference that `value` is.
pub fn reference(value: &Value) -> Option<Reference> {
    value.get("$secret")?;
    Reference::deserialize(value).ok()
}

/// Replaces each text that is a whole reference with the reference as an object.
pub fn promote(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with(BEGINNING) => {
            let whole = serde_json::from_str(text).ok();
            if let Some(object) = whole.filter(|object| reference(object).is_some()) {
                *value = object;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(promote),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| promote(field)),
        _ => {}
    }
}

/// Returns a text with its references resolved, also in encoded parts. A reference to a secret
/// that the run does not have stays.
pub fn resolve(text: &str, secrets: &Secrets) -> String {
    let change = |text: &str| text.contains(BEGINNING).then(|| resolve_plain(text, secrets));
    texts::change_text(text, &change).unwrap_or_else(|| text.to_owned())
}

fn resolve_plain(text: &str, secrets: &Secrets) -> String {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGINNING) {
        resolved.push_str(before);
        let (text, after) = within(after, secrets).unwrap_or_else(|| (BEGINNING.to_owned(), after));
        resolved.push_str(&text);
        rest = after;
    }
    resolved.push_str(rest);
    resolved
}

/// Resolves the reference whose beginning precedes `after`, and returns the text behind it.
fn within<'a>(after: &'a str, secrets: &Secrets) -> Option<(String, &'a str)> {
    let whole = format!("{BEGINNING}{after}");
    let mut stream: StreamDeserializer<'_, StrRead<'_>, Reference> =
        serde_json::Deserializer::from_str(&whole).into_iter();
    let secret = stream.next()?.ok()?.resolve(secrets)?.into_owned();
    let behind = stream.byte_offset().checked_sub(BEGINNING.len())?;
    Some((secret, after.get(behind..)?))
}
