//! Secrets in recordings: a reference stands wherever the value of a secret input would.
//!
//! `{"$secret": "password"}` is the value itself. `"as": "base64"` or `"as": "html"` beside
//! it says how the value is written there. Where a whole JSON string is the secret, the
//! reference takes its place; within a longer string it stands there as text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{StreamDeserializer, Value, de::StrRead};

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
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Plain,
    Base64,
    Html,
}

impl Reference {
    /// The secret's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret as it is written in this place; none when the run has no such secret.
    pub fn resolve<'a>(&self, secrets: &'a Secrets) -> Option<Cow<'a, str>> {
        let secret = secrets.get(&self.name)?;
        Some(match self.form {
            Form::Plain => Cow::Borrowed(secret),
            Form::Base64 => Cow::Owned(STANDARD.encode(secret)),
            Form::Html => Cow::Owned(html(secret)),
        })
    }
}

/// The reference that takes a value's place, if it is one.
pub fn reference(value: &Value) -> Option<Reference> {
    value.get("$secret")?;
    Reference::deserialize(value).ok()
}

/// A text with its references replaced. One to a secret that the run does not have stays.
pub fn resolve(text: &str, secrets: &Secrets) -> String {
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

/// As HTML writes a text, the way the component's templates do.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
    fn what_is_no_reference_of_the_run_stays() {
        for text in
            [r#"{"$secret":"other"} x"#, r#"{"$secret":"key","as":"rot13"}"#, r#"{"$secret":"#, "ö"]
        {
            assert_eq!(resolve(text, &secrets()), text);
        }
    }
}
