//! Puts pseudonyms in place, wherever the originals stand.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::recording::{forms, texts};

/// What stands for what.
pub struct Pseudonym {
    /// The original.
    pub value: String,
    /// What stands in its place.
    pub pseudonym: String,
    /// Where.
    pub reach: Reach,
}

/// Where an original is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Within words as well: nothing else looks like it.
    InWords,
    /// Within longer texts, where it stands as a word.
    Anywhere,
    /// Where it is all that there is: it is too short to be told from a word.
    WholeText,
}

/// All the pseudonyms of a recording.
pub struct Replacement {
    originals: AhoCorasick,
    /// What each becomes, and whether within words.
    pseudonyms: Vec<(String, bool)>,
    /// The lower-case texts that stay as they are.
    public: BTreeSet<String>,
    /// The originals that are looked for as whole texts, in lower case too.
    whole: BTreeMap<String, String>,
    seals: Option<(Seal, Seal)>,
}

impl Replacement {
    /// Puts these in place, but leaves the texts of `public`, in lower case, as they are.
    pub fn new(
        pseudonyms: &[Pseudonym],
        public: &BTreeSet<String>,
        seal: Option<&Seal>,
    ) -> Result<Self, BuildError> {
        let (reaching, whole): (Vec<_>, Vec<_>) =
            pseudonyms.iter().partition(|pseudonym| pseudonym.reach != Reach::WholeText);
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

    /// A text with its pseudonyms; none when nobody is in it.
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
        // `allen` may be a user's name and `Allen` a first name.
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

/// Whether nothing before or behind it belongs to it.
fn is_word(text: &str, begin: usize, end: usize) -> bool {
    let before = text.get(..begin).and_then(|before| before.chars().next_back());
    let behind = text.get(end..).and_then(|behind| behind.chars().next());
    ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
}

/// As a text is written in texts: as it is, in HTML, and within the quotes of a filter.
fn written(value: &str) -> impl Iterator<Item = String> {
    let html = forms::html(value);
    let mut all =
        vec![value.to_owned(), html.replace('\'', "&#39;"), html, value.replace('\'', "''")];
    all.dedup();
    all.into_iter()
}

/// What the cursor of a report by page is sealed with: the seal tells a cursor of another
/// connection, and with the pseudonyms, the connection is another one. The form of cursors is
/// the component's, in `component/src/actions/reports/cursor.rs`.
#[derive(Clone)]
pub struct Seal {
    parts: Vec<String>,
}

/// The version of the form.
const VERSION: u8 = 1;

impl Seal {
    /// The seal of a recorded run.
    pub fn of(run: &Value) -> Option<Self> {
        let places =
            ["/action", "/input/connectionId", "/connection/graphUrl", "/connection/tenant"];
        let parts = places.map(|place| run.pointer(place).and_then(Value::as_str));
        Some(Self {
            parts: parts.into_iter().map(|p| p.map(str::to_owned)).collect::<Option<_>>()?,
        })
    }

    fn changed(&self, change: texts::Change<'_>) -> Self {
        let changed =
            |part: &String| texts::change_text(part, change).unwrap_or_else(|| part.clone());
        Self { parts: self.parts.iter().map(changed).collect() }
    }

    fn hash(&self, query: &str) -> u64 {
        let parts = self.parts.iter().flat_map(|part| part.bytes().chain([0]));
        let bytes = [VERSION].into_iter().chain(parts).chain(query.bytes());
        // FNV-1a.
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

/// A cursor that is open.
struct Cursor {
    hash: u64,
    query: String,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (hash, query) = rest.split_first_chunk()?;
        let query = String::from_utf8(query.to_vec()).ok()?;
        (*version == VERSION && !query.is_empty())
            .then(|| Self { hash: u64::from_be_bytes(*hash), query })
    }

    fn changed(&self, old: &Seal, new: &Seal, change: texts::Change<'_>) -> Option<String> {
        // A query is changed as part of an address is.
        const BEFORE: &str = "https://graph/?";
        let address = format!("{BEFORE}{}", self.query);
        let query = texts::change_text(&address, change);
        let query = query.as_deref().and_then(|address| address.strip_prefix(BEFORE));
        let query = query.unwrap_or(&self.query);
        // One that was not good stays one that is not good.
        let hash = if self.hash == old.hash(&self.query) { new.hash(query) } else { self.hash };
        let bytes = [&[VERSION], hash.to_be_bytes().as_slice(), query.as_bytes()].concat();
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }
}
