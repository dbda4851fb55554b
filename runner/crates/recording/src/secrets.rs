//! Secrets in recordings: a reference stands wherever the value of a secret input would.
//!
//! `{"$secret": "password"}` is the value itself. `"as": "base64"` or `"as": "html"` beside
//! it says how the value is written there. Where a whole JSON string is the secret, the
//! reference takes its place; within a longer string it stands there as text, and within
//! text that is encoded as base64 or in an address, it is encoded with the rest.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{StreamDeserializer, Value, de::StrRead};

use super::forms::html;
use super::texts;

/// A run's secret inputs, by their JSON names.
pub type Secrets = BTreeMap<String, String>;

/// How the text of a reference begins.
const BEGINNING: &str = "{\"$secret\":";

/// A place where a secret stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    #[serde(rename = "$secret")]
    name: String,
    #[serde(rename = "as", default)]
    form: Form,
    #[serde(default)]
    like: Option<Like>,
}

/// What a placeholder for a secret input must be like, so that the action takes it as it took
/// the secret. Only an input has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Like {
    /// A private key in PEM form.
    Pem,
    /// What the action refused: each character shows its kind alone. Only where nothing
    /// was sent, so that it is nobody's secret, and its error says as much.
    Refused(String),
}

/// How a secret is written in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// As it is.
    #[default]
    Plain,
    /// In base64, on its own.
    Base64,
    /// In HTML.
    Html,
}

impl Form {
    /// `secret` in this form.
    pub fn of(self, secret: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => Cow::Borrowed(secret),
            Self::Base64 => Cow::Owned(STANDARD.encode(secret)),
            Self::Html => Cow::Owned(html(secret)),
        }
    }

    /// The text of the reference to the secret `name` in this form.
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
    /// The secret's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a placeholder for it must be like.
    pub fn like(&self) -> Option<&Like> {
        self.like.as_ref()
    }

    /// The secret as it is written in this place; none when the run has no such secret.
    pub fn resolve<'a>(&self, secrets: &'a Secrets) -> Option<Cow<'a, str>> {
        Some(self.form.of(secrets.get(&self.name)?))
    }
}

/// The reference that takes a value's place, if it is one.
pub fn reference(value: &Value) -> Option<Reference> {
    value.get("$secret")?;
    Reference::deserialize(value).ok()
}

/// Puts the references that are a whole text each in the place of their texts.
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

/// A text with its references replaced, those in encoded parts of it too. One to a secret
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
        match within(after, secrets) {
            Some((secret, after)) => {
                resolved.push_str(&secret);
                rest = after;
            }
            None => {
                resolved.push_str(BEGINNING);
                rest = after;
            }
        }
    }
    resolved.push_str(rest);
    resolved
}

/// The secret of the reference whose beginning was just read, and the text behind it.
fn within<'a>(after: &'a str, secrets: &Secrets) -> Option<(String, &'a str)> {
    let whole = format!("{BEGINNING}{after}");
    let mut stream: StreamDeserializer<'_, StrRead<'_>, Reference> =
        serde_json::Deserializer::from_str(&whole).into_iter();
    let secret = stream.next()?.ok()?.resolve(secrets)?.into_owned();
    let behind = stream.byte_offset().checked_sub(BEGINNING.len())?;
    Some((secret, after.get(behind..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        BTreeMap::from([("key".to_owned(), "a<b&\"c\"".to_owned())])
    }

    #[test]
    fn references_in_a_text_are_replaced_in_their_form() {
        let text = r#"1 {"$secret":"key"} 2 {"$secret":"key","as":"html"} 3 {"$secret":"key","as":"base64"}."#;
        let expected = r#"1 a<b&"c" 2 a&lt;b&amp;&quot;c&quot; 3 YTxiJiJjIg==."#;
        assert_eq!(resolve(text, &secrets()), expected);
    }

    #[test]
    fn references_are_replaced_in_what_is_encoded() {
        let text = STANDARD.encode(r#"key: {"$secret":"key"}."#);
        assert_eq!(resolve(&text, &secrets()), STANDARD.encode(r#"key: a<b&"c"."#));
        let text = r#"{"a":"{\"$secret\":\"key\"}"}"#;
        assert_eq!(resolve(text, &secrets()), r#"{"a":"a<b&\"c\""}"#);
        assert_eq!(resolve(r#"{"$secret":"key"}"#, &secrets()), r#"a<b&"c""#);
    }

    #[test]
    fn what_is_no_reference_of_the_run_stays() {
        for text in
            [r#"{"$secret":"other"} x"#, r#"{"$secret":"key","as":"rot13"}"#, r#"{"$secret":"#, "ö"]
        {
            assert_eq!(resolve(text, &secrets()), text);
        }
    }
}
