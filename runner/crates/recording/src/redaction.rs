//! Removes secrets, in every encoding, from the outcome and the exchanges of a run.
//!
//! A server may truncate what it repeats, so a beginning of a secret is enough there. A request
//! must be the same in a replay: there, a whole secret is replaced by a reference that states its
//! encoding.
//!
//! An outcome consists of sentences of the component and of texts of a server. A match with
//! enough of a sentence of the component around it stays, because the component is public and a
//! reference there would reveal the secret. So a password that is an ordinary word does not make
//! messages unreadable. Every other match is removed.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use wasmtime::component::Val;

use super::needles::{Needle, Needles, STEPS, Step, in_order, needles, removed};
use super::own_words::OwnWords;
use super::secrets::{self, Encoding, Secrets};
use super::texts;
use super::tokens;

/// The fewest characters of a secret, or of a line of it, that is searched for.
pub const SHORTEST: usize = 4;

/// The most matches that are compared with the component, which bounds the work of the host.
const LOOKUPS: usize = 200;

/// The secrets to remove, in every encoding, the longest first. Clones share the limit of
/// comparisons.
#[derive(Clone)]
pub struct Redaction {
    needles: Arc<Needles>,
    /// The sentences that stay in an outcome.
    own: OwnWords,
    /// The comparisons that are left.
    lookups: Arc<AtomicUsize>,
    /// Whether texts that look like tokens are removed as well.
    tokens: bool,
}

/// The writer of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The guest, in a request or an input.
    Guest,
    /// A server.
    Server,
    /// The guest in its outcome, which may repeat a server.
    Outcome,
}

/// Omits the secrets.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction")
    }
}

impl Redaction {
    /// Creates a redaction of secret inputs.
    pub fn new(secrets: &Secrets) -> Self {
        let reference = |name| Encoding::Plain.reference(name);
        let secrets = secrets.iter();
        Self::looking_for(
            secrets.flat_map(|(name, secret)| needles(name, secret, &reference(name))),
        )
    }

    /// Creates a redaction of tokens, which have no references.
    pub fn of_tokens<'a>(all: impl IntoIterator<Item = &'a str>) -> Self {
        let tokens = all.into_iter();
        Self::looking_for(tokens.flat_map(|token| needles("token", token, tokens::REMOVED)))
    }

    fn looking_for(needles: impl Iterator<Item = Needle>) -> Self {
        let mut seen = BTreeSet::new();
        let mut needles: Vec<Needle> = needles
            .filter(|needle| needle.text.len() >= SHORTEST && seen.insert(needle.text.clone()))
            .collect();
        // One secret may be the beginning of another.
        needles.sort_by_key(|needle| Reverse(needle.text.len()));
        let (own, lookups) = (OwnWords::default(), Arc::new(AtomicUsize::new(LOOKUPS)));
        Self { needles: Arc::new(needles.into()), own, lookups, tokens: true }
    }

    /// Keeps the sentences of the component in outcomes.
    pub fn beside(self, own: OwnWords) -> Self {
        Self { own, ..self }
    }

    /// Keeps texts that look like tokens.
    pub fn keeping_tokens(self) -> Self {
        Self { tokens: false, ..self }
    }

    /// Removes the secrets from every text in `value`, but not from the names of cases, which
    /// callers depend on.
    pub fn apply(&self, value: &mut Val) {
        match value {
            Val::String(text) => {
                if let Some(clean) = self.without(text, Writer::Outcome, |_| true) {
                    *text = clean;
                }
            }
            Val::List(items) | Val::Tuple(items) => {
                items.iter_mut().for_each(|item| self.apply(item));
            }
            Val::Record(fields) => fields.iter_mut().for_each(|(_, field)| self.apply(field)),
            Val::Variant(_, Some(payload))
            | Val::Option(Some(payload))
            | Val::Result(Ok(Some(payload)) | Err(Some(payload))) => self.apply(payload),
            _ => {}
        }
    }

    /// Removes secrets and tokens from every text in `value`, also in encoded parts.
    pub fn clean_value(&self, value: &mut Value, writer: Writer) {
        for step in STEPS {
            texts::change_value(value, &|text| self.changed(text, writer, step));
        }
    }

    /// Removes secrets from a request of the guest. A text that is a whole secret becomes a
    /// reference.
    pub fn apply_to_json(&self, value: &mut Value) {
        self.clean_value(value, Writer::Guest);
        secrets::promote(value);
    }

    /// Removes secrets and tokens from a text, which may be JSON or encoded.
    pub fn clean_text(&self, text: &mut String, writer: Writer) {
        for step in STEPS {
            if let Some(clean) = texts::change_text(text, &|text| self.changed(text, writer, step))
            {
                *text = clean;
            }
        }
    }

    /// Returns the name of a secret that occurs in binary data.
    pub fn found_in_bytes(&self, bytes: &[u8]) -> Option<&str> {
        let shifted = bytes.get(1..).unwrap_or_default();
        let texts = [String::from_utf8_lossy(bytes).into_owned(), wide(bytes), wide(shifted)];
        let found = |needle: &&Needle| texts.iter().any(|text| text.contains(&needle.text));
        self.needles.iter().find(found).map(|needle| needle.name.as_str())
    }

    fn changed(&self, text: &str, writer: Writer, step: Step) -> Option<String> {
        let without_secrets = self.without(text, writer, |needle| needle.step == step);
        if !self.tokens {
            return without_secrets;
        }
        let without_tokens = tokens::removed(without_secrets.as_deref().unwrap_or(text));
        without_tokens.or(without_secrets)
    }

    fn without(
        &self,
        text: &str,
        writer: Writer,
        wanted: impl Fn(&Needle) -> bool,
    ) -> Option<String> {
        let needles = self.needles.iter().filter(|needle| wanted(needle));
        match writer {
            Writer::Guest => needles.fold(None, |clean: Option<String>, needle| {
                needle.replaced_in(clean.as_deref().unwrap_or(text)).or(clean)
            }),
            Writer::Server if !self.needles.may_be_in(text) => None,
            Writer::Server => removed(text, in_order(needles, text)),
            Writer::Outcome => {
                let mut places = in_order(needles, text);
                places.dedup_by(|next, first| next.range == first.range);
                places.retain(|place| !self.is_own(text, &place.range));
                removed(text, places)
            }
        }
    }

    /// Whether the range is part of a sentence of the component. Fails once all comparisons are
    /// used.
    fn is_own(&self, text: &str, place: &Range<usize>) -> bool {
        let count = |left: usize| left.checked_sub(1);
        self.lookups.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count).is_ok()
            && self.own.have(text, place.clone())
    }
}

/// Decodes bytes as UTF-16.
fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes))
        .collect();
    String::from_utf16_lossy(&units)
}
