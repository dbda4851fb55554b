//! Taking secrets out of what a run says and of what it exchanged, by value, in every form.
//!
//! What a server says may be cut off, so a beginning of a secret is enough there. A request
//! must be the same when it is replayed: there a secret is found whole, and the reference in
//! its place says in which form it stood.
//!
//! An outcome is in two voices: a component's own sentences, which everybody can read in it, and
//! what a server said. What stands in the component word for word, with enough of the sentence
//! around it, stays: it shows nothing that is not public, and a reference in its place would
//! show the secret to whoever knows the sentence. So a password that is a word of ours does not
//! make our words unreadable, nor does a wrong key take the line away that a right one begins
//! with. Everything else that is a secret, or begins as one, goes, whoever wrote it.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use wasmtime::component::Val;

use super::needles::{Needle, STEPS, Step, in_order, needles, removed};
use super::own_words::OwnWords;
use super::secrets::{self, Form, Secrets};
use super::texts;
use super::tokens;

/// A secret, or a line of one, that is shorter is not looked for: it occurs by chance.
pub const SHORTEST: usize = 4;

/// How many places are looked up in a component, so that no guest keeps the host at it: its
/// own sentences have few.
const LOOKUPS: usize = 200;

/// What to look for, in every form in which it may have been sent, the longest first.
/// Clones share the work of looking for it.
#[derive(Clone)]
pub struct Redaction {
    needles: Arc<[Needle]>,
    /// What stays in an outcome.
    own: OwnWords,
    /// How many places may still be looked up in it.
    lookups: Arc<AtomicUsize>,
    /// Whether what looks like a token is taken out as well.
    tokens: bool,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The guest, in a request or as it was called.
    Guest,
    /// A server.
    Server,
    /// The guest, in its outcome: in words of its own, between which it may repeat a server.
    Outcome,
}

/// Without what it looks for.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction")
    }
}

impl Redaction {
    /// Looks for these secrets.
    pub fn new(secrets: &Secrets) -> Self {
        Self::looking_for(
            secrets
                .iter()
                .flat_map(|(name, secret)| needles(name, secret, &Form::Plain.reference(name))),
        )
    }

    /// Looks for these tokens, which are no inputs: nothing refers to one.
    pub fn of_tokens<'a>(all: impl IntoIterator<Item = &'a str>) -> Self {
        Self::looking_for(
            all.into_iter().flat_map(|token| needles("token", token, tokens::REMOVED)),
        )
    }

    fn looking_for(needles: impl Iterator<Item = Needle>) -> Self {
        let mut seen = BTreeSet::new();
        let mut needles: Vec<Needle> = needles
            .filter(|needle| needle.text.len() >= SHORTEST && seen.insert(needle.text.clone()))
            .collect();
        // One secret may begin with another.
        needles.sort_by_key(|needle| Reverse(needle.text.len()));
        let (own, lookups) = (OwnWords::default(), Arc::new(AtomicUsize::new(LOOKUPS)));
        Self { needles: needles.into(), own, lookups, tokens: true }
    }

    /// Leaves the words of the component itself, in outcomes.
    pub fn beside(self, own: OwnWords) -> Self {
        Self { own, ..self }
    }

    /// Leaves what looks like a token, for whoever refuses it.
    pub fn keeping_tokens(self) -> Self {
        Self { tokens: false, ..self }
    }

    /// Takes the secrets out of every text in `value`. Names of cases are left alone: they
    /// are the component's, and what a caller branches on.
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

    /// Takes the secrets, and what looks like a token, out of every text in `value`,
    /// whatever it is wrapped in.
    pub fn clean_value(&self, value: &mut Value, writer: Writer) {
        for step in STEPS {
            texts::change_value(value, &|text| self.changed(text, writer, step));
        }
    }

    /// The same for what is shown of a guest's requests; a text that is a secret as a whole
    /// becomes a reference to it.
    pub fn apply_to_json(&self, value: &mut Value) {
        self.clean_value(value, Writer::Guest);
        secrets::promote(value);
    }

    /// The same for a text, which may be JSON or encoded as a whole.
    pub fn clean_text(&self, text: &mut String, writer: Writer) {
        for step in STEPS {
            if let Some(clean) = texts::change_text(text, &|text| self.changed(text, writer, step))
            {
                *text = clean;
            }
        }
    }

    /// The name of a secret that occurs in bytes that are no text.
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
            Writer::Server => removed(text, in_order(needles, text)),
            Writer::Outcome => {
                let mut places = in_order(needles, text);
                places.dedup_by(|next, first| next.range == first.range);
                places.retain(|place| !self.is_own(text, &place.range));
                removed(text, places)
            }
        }
    }

    /// Whether a place is the component's own words, as long as places are looked up.
    fn is_own(&self, text: &str, place: &Range<usize>) -> bool {
        let count = |left: usize| left.checked_sub(1);
        self.lookups.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count).is_ok()
            && self.own.have(text, place.clone())
    }
}

/// Bytes taken for UTF-16.
fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes))
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::super::forms::html;
    use super::*;

    /// What stands in the component.
    const OWN: &str = "the new user expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines";

    fn cleaned(secrets: &[(&str, &str)], text: &str) -> String {
        let secrets =
            secrets.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut value = Val::Record(vec![("message".into(), Val::String(text.into()))]);
        let own = OwnWords::of(OWN.as_bytes());
        Redaction::new(&secrets).beside(own).apply(&mut value);
        let Val::Record(fields) = value else { panic!("still a record") };
        let Some((_, Val::String(text))) = fields.into_iter().next() else { panic!("its field") };
        text
    }

    #[test]
    fn a_secret_is_taken_out_in_every_form() {
        let secret = "S3cr<e>t&\"word\" 1";
        let json = serde_json::to_string(secret).unwrap();
        for form in [
            secret.to_owned(),
            html(secret),
            json.trim_matches('"').to_owned(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            STANDARD.encode(secret),
        ] {
            let text = format!("before {form} after {form}");
            let expected = r#"before {"$secret":"password"} after {"$secret":"password"}"#;
            assert_eq!(cleaned(&[("password", secret)], &text), expected, "{form}");
        }
    }

    #[test]
    fn a_key_of_many_lines_is_taken_out_however_it_is_broken() {
        let line = "MIIEpAIBAAKCAQEAbm8ga2V5IGF0IGFsbCwgb25seSBhIHRlc3Q";
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{line}\n{line}A\n-----END PRIVATE KEY-----\n");
        for text in
            [pem.clone(), pem.replace('\n', "\r\n"), pem.replace('\n', " "), line.to_owned()]
        {
            let clean = cleaned(&[("privateKey", &pem)], &text);
            assert!(!clean.contains("MIIE"), "{clean}");
        }
    }

    #[test]
    fn a_form_that_begins_as_another_is_taken_out_to_its_end() {
        let secret = "ContosoSecretAbc+/=%22";
        for text in [secret, "ContosoSecretAbc+/", "ContosoSecretAbc%2B%2F%3D%2522"] {
            assert_eq!(
                cleaned(&[("password", secret)], &format!("x {text} y")),
                r#"x {"$secret":"password"} y"#
            );
        }
    }

    #[test]
    fn what_is_cut_off_is_taken_out_too() {
        let clean = cleaned(&[("password", "S3cretPassword-99")], "request was S3cretPasswor");
        assert_eq!(clean, r#"request was {"$secret":"password"}"#);
    }

    #[test]
    fn the_components_own_words_stay_and_what_a_server_repeats_goes() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n";
        let own = "expected a line such as -----BEGIN RSA PRIVATE KEY-----, lines of base64";
        for secret in [key, "-----BEGIN RSA PRIVATE KEY-----", "line such", "private key of ours"] {
            assert_eq!(cleaned(&[("privateKey", secret)], own), own, "{secret}");
        }
        let reference = r#"{"$secret":"password"}"#;
        for (secret, said, expected) in [
            (
                "user",
                "the new user ann: 'user' is bad",
                format!("the new user ann: '{reference}' is bad"),
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----",
                "Graph: -----BEGIN RSA PRIVATE KEY-----!",
                format!("Graph: {reference}!"),
            ),
            (
                key,
                "as -----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5, lines",
                format!("as {reference}, lines"),
            ),
            ("user", "user", reference.to_owned()),
        ] {
            assert_eq!(cleaned(&[("password", secret)], said), expected);
        }
        // A text without end is not looked up without end.
        let long = "the new user ".repeat(LOOKUPS + 1);
        assert_eq!(cleaned(&[("password", "user")], &long).matches(reference).count(), 1);
    }

    #[test]
    fn a_secret_that_begins_with_another_is_taken_out_whole() {
        let secrets = [("key1", "abcd"), ("key2", "abcdEFGHsecret")];
        assert_eq!(cleaned(&secrets, "x abcdEFGHsecret y"), r#"x {"$secret":"key2"} y"#);
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "The specified Password does not comply: abc";
        assert_eq!(cleaned(&[("password", "Passw0rd!"), ("key1", "abc")], text), text);
        let mut kind = Val::Enum("forbidden".into());
        let secrets = [("password".to_owned(), "forbidden".to_owned())].into();
        Redaction::new(&secrets).apply(&mut kind);
        assert_eq!(kind, Val::Enum("forbidden".into()));
    }
}
