//! Taking secrets out of what a run says and of what it exchanged, by value, in every form.
//!
//! What a server says may be cut off, so a beginning of a secret is enough there. A request
//! must be the same when it is replayed: there a secret is found whole, and the reference in
//! its place says in which form it stood.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use wasmtime::component::Val;

use super::forms;
use super::secrets::{self, Form, Secrets};
use super::texts;
use super::tokens;

/// A secret, or a line of one, that is shorter is not looked for: it occurs by chance.
pub const SHORTEST: usize = 4;

/// So much of a longer secret is enough to tell it, where a server cut it off.
const TELLING: usize = 12;

/// What to look for, in every form in which it may have been sent, the longest first.
pub struct Redaction {
    needles: Vec<Needle>,
    /// Whether what looks like a token is taken out as well.
    tokens: bool,
}

struct Needle {
    text: String,
    name: String,
    /// What takes its place in a server's text.
    stand_in: String,
    form: Form,
    step: Step,
}

/// When a form is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// At first: what stands for a whole secret. A beginning of it tells it, too.
    Whole,
    /// Afterwards: what shows in the base64 of something else, which cannot be decoded any
    /// more when that is gone.
    Core,
}

const STEPS: [Step; 2] = [Step::Whole, Step::Core];

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The guest, in a request or as it was called.
    Guest,
    /// A server, or a guest that repeats it.
    Server,
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
        Self { needles, tokens: true }
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
                if let Some(clean) = self.without(text, Writer::Server, |_| true) {
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
            Writer::Server => removed(text, needles.flat_map(|needle| needle.places(text))),
        }
    }
}

/// Where a secret stands in a text, or the beginning of one.
struct Place<'a> {
    range: Range<usize>,
    stand_in: &'a str,
}

/// `text` with the stand-in in each place; none when there is no place. One form of a secret
/// may begin as another does, and only one of them goes to the end: places that overlap
/// are one.
fn removed<'a>(text: &str, places: impl Iterator<Item = Place<'a>>) -> Option<String> {
    let mut places: Vec<Place<'_>> = places.collect();
    places.sort_by_key(|place| (place.range.start, Reverse(place.range.end)));
    let mut clean = String::new();
    let mut kept = 0;
    for Place { range, stand_in } in places {
        if range.start >= kept {
            clean.push_str(text.get(kept..range.start)?);
            clean.push_str(stand_in);
        }
        kept = kept.max(range.end);
    }
    clean.push_str(text.get(kept..)?);
    (kept > 0).then_some(clean)
}

/// Bytes taken for UTF-16.
fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes))
        .collect();
    String::from_utf16_lossy(&units)
}

/// All that shows a secret. Its own form and those that a reference can say come first.
fn needles(name: &str, secret: &str, stand_in: &str) -> Vec<Needle> {
    let needle = |text: String, form, step| Needle {
        text,
        name: name.to_owned(),
        stand_in: stand_in.to_owned(),
        form,
        step,
    };
    let said = [Form::Plain, Form::Html, Form::Base64];
    let said = said.map(|form| needle(form.of(secret).into_owned(), form, Step::Whole));
    let others =
        forms::encoded(secret).into_iter().map(|text| needle(text, Form::Plain, Step::Whole));
    let lines = forms::lines(secret).map(|line| needle(line.to_owned(), Form::Plain, Step::Whole));
    let cores = forms::cores(secret).into_iter().map(|text| needle(text, Form::Plain, Step::Core));
    said.into_iter().chain(others).chain(lines).chain(cores).collect()
}

impl Needle {
    /// `text` with a reference in place of it; none when it is not there.
    fn replaced_in(&self, text: &str) -> Option<String> {
        let there = text.contains(&self.text);
        there.then(|| text.replace(&self.text, &self.form.reference(&self.name)))
    }

    /// How much of it must be there.
    fn enough(&self) -> usize {
        if self.step == Step::Core {
            return self.text.len();
        }
        let three_quarters = self.text.len() / 4 * 3;
        let enough = TELLING.min(three_quarters.max(SHORTEST));
        (enough..=self.text.len())
            .find(|length| self.text.is_char_boundary(*length))
            .unwrap_or(self.text.len())
    }

    /// Where it stands in `text`, whole or its beginning.
    fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Place<'a>> {
        let beginning = self.text.get(..self.enough()).unwrap_or(&self.text);
        text.match_indices(beginning).map(|(start, _)| {
            let same: usize = text
                .get(start..)
                .unwrap_or_default()
                .chars()
                .zip(self.text.chars())
                .take_while(|(given, secret)| given == secret)
                .map(|(same, _)| same.len_utf8())
                .sum();
            Place { range: start..start + same, stand_in: &self.stand_in }
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::forms::html;
    use super::*;

    fn cleaned(secrets: &[(&str, &str)], text: &str) -> String {
        let secrets =
            secrets.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut value = Val::Record(vec![("message".into(), Val::String(text.into()))]);
        Redaction::new(&secrets).apply(&mut value);
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
