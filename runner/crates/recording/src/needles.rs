//! What shows a secret in a text, and where it stands there.

use std::cmp::Reverse;
use std::ops::Range;

use super::forms;
use super::redaction::SHORTEST;
use super::secrets::Form;

/// So much of a longer secret is enough to tell it, where a server cut it off.
const TELLING: usize = 12;

/// A text that shows a secret.
pub struct Needle {
    /// It.
    pub text: String,
    /// The secret's name.
    pub name: String,
    /// What takes its place in a server's text.
    placeholder: String,
    form: Form,
    /// When it is looked for.
    pub step: Step,
}

/// When a form is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At first: what stands for a whole secret. A beginning of it tells it, too.
    Whole,
    /// Afterwards: what shows in the base64 of something else, which cannot be decoded any
    /// more when that is gone.
    Core,
}

/// Both, in their order.
pub const STEPS: [Step; 2] = [Step::Whole, Step::Core];

/// All that shows a secret. Its own form and those that a reference can say come first.
pub fn needles(name: &str, secret: &str, placeholder: &str) -> Vec<Needle> {
    let needle = |text: String, form, step| Needle {
        text,
        name: name.to_owned(),
        placeholder: placeholder.to_owned(),
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
    pub fn replaced_in(&self, text: &str) -> Option<String> {
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
    pub fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Place<'a>> {
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
            Place { range: start..start + same, placeholder: &self.placeholder }
        })
    }
}

/// Where a secret stands in a text, or the beginning of one.
pub struct Place<'a> {
    /// Its bytes.
    pub range: Range<usize>,
    placeholder: &'a str,
}

/// Every place in a text where a needle or its beginning stands, from the first to the last.
pub fn in_order<'a>(needles: impl Iterator<Item = &'a Needle>, text: &'a str) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'_>> = needles.flat_map(|needle| needle.places(text)).collect();
    places.sort_by_key(|place| (place.range.start, Reverse(place.range.end)));
    places
}

/// `text` with the placeholder in each of the places, which are in order; none when there is no
/// place. One form of a secret may begin as another does, and only one of them goes to the end:
/// places that overlap are one.
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
