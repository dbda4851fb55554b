//! The scan of a recording before it is written: it must not hold a known secret in any encoding.
//! It shares only the list of encodings with the redaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aho_corasick::{AhoCorasick, BuildError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::redaction::SHORTEST;
use super::secrets::Secrets;
use super::{forms, texts};
use values::problem::escaped;

/// A secret other than the inputs, such as that of a connection.
#[derive(Clone, Debug)]
pub struct OtherSecret {
    /// Its name in messages.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

/// The other secrets of a run. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct OtherSecrets(Arc<Mutex<Vec<OtherSecret>>>);

impl OtherSecrets {
    /// Adds a secret.
    pub fn add(&self, name: &str, value: SecretString) {
        self.lock().push(OtherSecret { name: name.to_owned(), value });
    }

    /// Returns the secrets.
    pub fn list(&self) -> Vec<OtherSecret> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OtherSecret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A secret in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSecret {
    /// The name of the secret.
    pub name: String,
    /// The JSON pointer.
    pub pointer: String,
}

/// A search for secrets.
pub struct Scan {
    forms: AhoCorasick,
    /// The secret of each form.
    names: Vec<String>,
}

impl Scan {
    /// Creates a scan. Secrets of fewer than four bytes are left out, since they occur by chance.
    /// Fails when the secrets are too many.
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

    /// Returns the first secret in a document.
    pub fn find(&self, document: &Value) -> Option<FoundSecret> {
        let (name, pointer) = self.in_value(document, "")?;
        Some(FoundSecret { name: name.to_owned(), pointer })
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

    /// Searches a text as it is, without its blanks, and in its encoded parts.
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
    // A base64 core identifies a whole secret and may be as short.
    let wanted = secret.len() >= SHORTEST;
    let whole = [secret.to_owned()].into_iter().chain(forms::encoded(secret));
    let parts = forms::lines(secret).map(ToOwned::to_owned).chain(forms::cores(secret));
    let all: Vec<String> = whole.chain(parts).collect();
    all.into_iter().filter(move |form| wanted && form.len() >= SHORTEST)
}
