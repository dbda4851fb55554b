//! The last look at a recording before it is written: no known secret may be in it, in any
//! form. It shares no step with the redaction but the list of forms.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aho_corasick::{AhoCorasick, BuildError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::redaction::SHORTEST;
use super::secrets::Secrets;
use super::{forms, texts};
use values::problem::escaped;

/// A secret beside those of the input, such as that of a connection.
#[derive(Clone, Debug)]
pub struct OtherSecret {
    /// What it is, for a message.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

/// The secrets that a run came to know on its way. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct OtherSecrets(Arc<Mutex<Vec<OtherSecret>>>);

impl OtherSecrets {
    /// Adds one.
    pub fn add(&self, name: &str, value: SecretString) {
        self.lock().push(OtherSecret { name: name.to_owned(), value });
    }

    /// Those known until now.
    pub fn list(&self) -> Vec<OtherSecret> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OtherSecret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub name: String,
    /// Where, as a JSON pointer.
    pub pointer: String,
}

/// What to look for.
pub struct Scan {
    forms: AhoCorasick,
    /// The secret of each form.
    names: Vec<String>,
}

impl Scan {
    /// Looks for these secrets, but for those of fewer than four bytes: they occur by
    /// chance.
    ///
    /// # Errors
    /// When there are more of them than any run has.
    pub fn new(secrets: &Secrets, others: &[OtherSecret]) -> Result<Self, BuildError> {
        let inputs = secrets
            .iter()
            .map(|(name, secret)| (format!("the secret input {name}"), secret.as_str()));
        let others = others.iter().map(|other| (other.name.clone(), other.value.expose_secret()));
        let (names, forms): (Vec<String>, Vec<String>) = inputs
            .chain(others)
            .flat_map(|(name, secret)| all_forms(secret).map(move |form| (name.clone(), form)))
            .unzip();
        Ok(Self { forms: AhoCorasick::new(forms)?, names })
    }

    /// The first secret in a document.
    pub fn find(&self, document: &Value) -> Option<Found> {
        let (name, pointer) = self.in_value(document, "")?;
        Some(Found { name: name.to_owned(), pointer })
    }

    fn in_value(&self, value: &Value, at: &str) -> Option<(&str, String)> {
        match value {
            Value::String(text) => self.in_text(text).map(|name| (name, at.to_owned())),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .find_map(|(index, item)| self.in_value(item, &format!("{at}/{index}"))),
            Value::Object(fields) => fields.iter().find_map(|(key, field)| {
                let at = format!("{at}/{}", escaped(key));
                match self.in_text(key) {
                    Some(name) => Some((name, at)),
                    None => self.in_value(field, &at),
                }
            }),
            _ => None,
        }
    }

    /// In the text as it is, without its blanks, and in whatever is wrapped in it.
    fn in_text(&self, text: &str) -> Option<&str> {
        let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(name) = self.in_plain(text).or_else(|| self.in_plain(&dense)) {
            return Some(name);
        }
        let found = std::cell::Cell::new(None);
        texts::change_text(text, &|text| {
            if found.get().is_none() {
                found.set(self.in_plain(text));
            }
            None
        });
        found.get()
    }

    fn in_plain(&self, text: &str) -> Option<&str> {
        let found = self.forms.find(text)?;
        self.names.get(found.pattern().as_usize()).map(String::as_str)
    }
}

fn all_forms(secret: &str) -> impl Iterator<Item = String> {
    // A core of base64 stands for a whole secret and may be as short as that.
    let wanted = secret.len() >= SHORTEST;
    let whole = [secret.to_owned()].into_iter().chain(forms::encoded(secret));
    let parts = forms::lines(secret).map(ToOwned::to_owned).chain(forms::cores(secret));
    let all: Vec<String> = whole.chain(parts).collect();
    all.into_iter().filter(move |form| wanted && form.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "Pa55+word/ <1>&\"é\"";

    fn scan() -> Scan {
        let secrets = [("password".to_owned(), SECRET.to_owned())].into();
        let other =
            OtherSecret { name: "the client secret".to_owned(), value: "cl1ent~secret".into() };
        Scan::new(&secrets, &[other]).unwrap()
    }

    #[track_caller]
    fn found(document: &Value, name: &str, pointer: &str) {
        let expected = Found { name: name.to_owned(), pointer: pointer.to_owned() };
        assert_eq!(scan().find(document), Some(expected), "{document}");
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_named_by_its_place() {
        let utf_16: Vec<u8> =
            format!("xy{SECRET}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wrapped = STANDARD.encode(format!("{} {SECRET}", "x".repeat(60)));
        let percent = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
        let (line, rest) = wrapped.split_at(76);
        let forms = [
            SECRET.to_owned(),
            json!({ "a": [SECRET] }).to_string(),
            json!({ "a": json!({ "b": SECRET }).to_string() }).to_string(),
            "Pa55%2bword%2f%20%3c1%3e%26%22%c3%a9%22".to_owned(),
            percent.replace("%20", "+"),
            percent,
            STANDARD.encode(SECRET),
            STANDARD.encode(format!("a{SECRET}")),
            URL_SAFE.encode(format!("ab{SECRET}")),
            STANDARD.encode(utf_16),
            STANDARD.encode(STANDARD.encode(SECRET)),
            format!("{line}\r\n{rest}"),
            SECRET.bytes().map(|byte| format!("{byte:02X}")).collect(),
            forms::html(SECRET),
        ];
        for form in forms {
            found(&json!({ "a": ["", { "b/c": form }] }), "the secret input password", "/a/1/b~1c");
        }
        found(
            &json!({ "log": { SECRET: 1 } }),
            "the secret input password",
            &format!("/log/{}", escaped(SECRET)),
        );
        found(&json!({ "a": "xcl1ent~secretx" }), "the client secret", "/a");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let document = json!({ "a": ["Pa55", { "$secret": "password" }, 1, null], "b": "client" });
        assert_eq!(scan().find(&document), None);
        let short = [("key1".to_owned(), "ab".to_owned())].into();
        assert_eq!(Scan::new(&short, &[]).unwrap().find(&json!("abab")), None);
    }
}
