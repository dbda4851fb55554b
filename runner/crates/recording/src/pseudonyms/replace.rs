//! Replaces originals with their pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::cursor::{Cursor, Seal};
use crate::forms;

pub struct Pseudonym {
    pub value: String,
    pub pseudonym: String,
    pub reach: Reach,
}

/// Where an original is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Also within words, since no other text looks like it.
    InWords,
    /// As a word of a longer text.
    Anywhere,
    /// Only as a whole text: it is too short to be told from a word.
    WholeText,
}

pub struct Replacement {
    originals: AhoCorasick,
    /// The pseudonym of each original, and whether it is replaced within words.
    pseudonyms: Vec<(String, bool)>,
    /// The texts that stay, in lower case.
    public: BTreeSet<String>,
    /// The originals that are replaced as whole texts, also in lower case.
    whole: BTreeMap<String, String>,
    seals: Option<(Seal, Seal)>,
}

impl Replacement {
    /// Creates a replacement that keeps the texts of `public`, which are in lower case.
    pub fn new(
        pseudonyms: &[Pseudonym],
        public: &BTreeSet<String>,
        seal: Option<&Seal>,
    ) -> Result<Self, BuildError> {
        // An empty original would match everywhere.
        let (reaching, whole): (Vec<_>, Vec<_>) = pseudonyms
            .iter()
            .filter(|pseudonym| !pseudonym.value.is_empty())
            .partition(|pseudonym| pseudonym.reach != Reach::WholeText);
        let (originals, replacing): (Vec<String>, Vec<_>) = reaching
            .iter()
            .flat_map(|pseudonym| {
                let in_words = pseudonym.reach == Reach::InWords;
                written(&pseudonym.value)
                    .map(move |value| (value, (pseudonym.pseudonym.clone(), in_words)))
            })
            .unzip();
        let originals = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(originals)?;
        let mut replacement = Self {
            originals,
            pseudonyms: replacing,
            public: public.clone(),
            whole: whole
                .into_iter()
                .map(|pseudonym| (pseudonym.value.clone(), pseudonym.pseudonym.clone()))
                .collect(),
            seals: None,
        };
        for pseudonym in pseudonyms.iter().filter(|pseudonym| pseudonym.reach == Reach::WholeText) {
            let lower = pseudonym.value.to_lowercase();
            replacement.whole.entry(lower).or_insert_with(|| pseudonym.pseudonym.clone());
        }
        replacement.seals =
            seal.map(|seal| (seal.clone(), seal.changed(&|text| replacement.in_plain(text))));
        Ok(replacement)
    }

    /// Returns a text with its pseudonyms, or `None` where nothing changes.
    pub fn apply(&self, text: &str) -> Option<String> {
        if let Some((old, new)) = &self.seals
            && let Some(cursor) = Cursor::read(text)
        {
            return cursor.changed(old, new, &|text| self.in_plain(text));
        }
        self.in_plain(text)
    }

    fn in_plain(&self, text: &str) -> Option<String> {
        let lower = text.to_lowercase();
        if self.public.contains(&lower) {
            return None;
        }
        // The user name `allen` is not the first name `Allen`.
        if let Some(pseudonym) = self.whole.get(text) {
            return Some(pseudonym.clone());
        }
        self.within(text).or_else(|| self.whole.get(&lower).cloned())
    }

    fn within(&self, text: &str) -> Option<String> {
        let mut new = String::new();
        let mut kept = 0;
        let mut from = 0;
        while let Some(rest) = text.get(from..) {
            let Some(found) = self.originals.find(rest) else { break };
            let (begin, end) = (from + found.start(), from + found.end());
            let (pseudonym, in_words) = self.pseudonyms.get(found.pattern().as_usize())?;
            if *in_words || is_word(text, begin, end) {
                new.push_str(text.get(kept..begin)?);
                new.push_str(pseudonym);
                kept = end;
                from = end;
            } else {
                from = begin + text.get(begin..)?.chars().next().map_or(1, char::len_utf8);
            }
        }
        new.push_str(text.get(kept..)?);
        (kept > 0).then_some(new)
    }
}

/// Whether the range is not part of a longer word.
fn is_word(text: &str, begin: usize, end: usize) -> bool {
    let before = text.get(..begin).and_then(|before| before.chars().next_back());
    let behind = text.get(end..).and_then(|behind| behind.chars().next());
    ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
}

/// Returns the spellings of an original: plain, in HTML, and in the quotes of a filter.
fn written(value: &str) -> impl Iterator<Item = String> {
    let html = forms::html(value);
    let mut all =
        vec![value.to_owned(), html.replace('\'', "&#39;"), html, value.replace('\'', "''")];
    all.dedup();
    all.into_iter()
}
