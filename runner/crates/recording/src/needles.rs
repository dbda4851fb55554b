//! The texts that reveal a secret, and their positions.

use std::cmp::Reverse;
use std::ops::{Deref, Range};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::forms;
use super::redaction::SHORTEST;
use super::secrets::Encoding;

/// The characters that identify the beginning of a longer secret, where a server truncated it.
const TELLING: usize = 12;

/// A text that reveals a secret.
pub struct Needle {
    pub text: String,
    pub name: String,
    /// The text that replaces it in the text of a server.
    placeholder: String,
    form: Encoding,
    /// The step in which it is removed.
    pub step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The encodings of the whole secret, and their beginnings.
    Whole,
    /// The characters of it in other base64, which cannot be decoded once they are removed.
    Core,
}

pub const STEPS: [Step; 2] = [Step::Whole, Step::Core];

/// Needles, with what finds out at once that a text has none of them.
pub struct Needles {
    all: Vec<Needle>,
    /// Built for the first text. `None` if it would be too large.
    beginnings: OnceLock<Option<AhoCorasick>>,
}

impl Needles {
    /// Returns whether `text` may have a needle, or the beginning of one.
    pub fn may_be_in(&self, text: &str) -> bool {
        let build = || AhoCorasick::new(self.all.iter().map(Needle::beginning)).ok();
        let beginnings = self.beginnings.get_or_init(build);
        beginnings.as_ref().is_none_or(|beginnings| beginnings.is_match(text))
    }
}

impl From<Vec<Needle>> for Needles {
    fn from(all: Vec<Needle>) -> Self {
        Self { all, beginnings: OnceLock::new() }
    }
}

impl Deref for Needles {
    type Target = [Needle];

    fn deref(&self) -> &[Needle] {
        &self.all
    }
}

/// Returns the texts that reveal a secret, first those that a reference can state.
pub fn needles(name: &str, secret: &str, placeholder: &str) -> Vec<Needle> {
    let needle = |text: String, form, step| Needle {
        text,
        name: name.to_owned(),
        placeholder: placeholder.to_owned(),
        form,
        step,
    };
    let said = [Encoding::Plain, Encoding::Html, Encoding::Base64];
    let said = said.map(|form| needle(form.of(secret).into_owned(), form, Step::Whole));
    let others =
        forms::encoded(secret).into_iter().map(|text| needle(text, Encoding::Plain, Step::Whole));
    let lines =
        forms::lines(secret).map(|line| needle(line.to_owned(), Encoding::Plain, Step::Whole));
    let cores =
        forms::cores(secret).into_iter().map(|text| needle(text, Encoding::Plain, Step::Core));
    said.into_iter().chain(others).chain(lines).chain(cores).collect()
}

impl Needle {
    /// Replaces the needle in `text` with a reference, or returns `None`.
    pub fn replaced_in(&self, text: &str) -> Option<String> {
        let there = text.contains(&self.text);
        there.then(|| text.replace(&self.text, &self.form.reference(&self.name)))
    }

    /// Returns the part that identifies the needle in the text of a server.
    fn beginning(&self) -> &str {
        self.text.get(..self.enough()).unwrap_or(&self.text)
    }

    fn enough(&self) -> usize {
        if self.step == Step::Core {
            return self.text.len();
        }
        let three_quarters = self.text.len() / 4 * 3;
        self.text.ceil_char_boundary(TELLING.min(three_quarters.max(SHORTEST)))
    }

    /// Returns the ranges of `text` with the needle or its beginning.
    pub fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Place<'a>> {
        text.match_indices(self.beginning()).map(|(start, _)| {
            let same: usize = text
                .get(start..)
                .unwrap_or_default()
                .chars()
                .zip(self.text.chars())
                .take_while(|(given, secret)| given == secret)
                .map(|(same, _)| same.len_utf8())
                .sum();
            Place { range: start..start + same, placeholder: &self.placeholder }
        })
    }
}

/// The range of a secret, or of its beginning.
pub struct Place<'a> {
    pub range: Range<usize>,
    placeholder: &'a str,
}

/// Returns the places of all needles in order.
pub fn in_order<'a>(needles: impl Iterator<Item = &'a Needle>, text: &'a str) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'_>> = needles.flat_map(|needle| needle.places(text)).collect();
    places.sort_by_key(|place| (place.range.start, Reverse(place.range.end)));
    places
}

/// Replaces each place, which are in order, with its placeholder, or returns `None`. Overlapping
/// places are one: encodings of a secret may share a beginning.
pub fn removed(text: &str, places: Vec<Place<'_>>) -> Option<String> {
    let mut clean = String::new();
    let mut kept = 0;
    for Place { range, placeholder } in places {
        if range.start >= kept {
            clean.push_str(text.get(kept..range.start)?);
            clean.push_str(placeholder);
        }
        kept = kept.max(range.end);
    }
    clean.push_str(text.get(kept..)?);
    (kept > 0).then_some(clean)
}
