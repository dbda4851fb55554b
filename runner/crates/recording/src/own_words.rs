//! The sentences of a component. They are public, so a redaction may keep them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

/// How many bytes around a word must be the component's too. A shorter match may be a
/// coincidence.
const AROUND: usize = 6;

/// The texts of a component.
#[derive(Clone, Default)]
pub struct OwnWords(Arc<[u8]>);

impl OwnWords {
    /// Returns the texts in the bytes of a component.
    pub fn of(component: &[u8]) -> Self {
        Self(component.into())
    }

    /// Whether the range `place` of `text` is part of a sentence of the component, or of a
    /// pointer to an input, which is short and must match whole.
    pub fn have(&self, text: &str, place: Range<usize>) -> bool {
        let Some((before, word, after)) = parts(text, place) else { return false };
        let is_pointer = text.starts_with('/') && !text.contains(char::is_whitespace);
        let enough = match before.len() + after.len() {
            0 => return false,
            all if is_pointer => all.min(AROUND),
            _ => AROUND,
        };
        let Ok(search) = AhoCorasick::new([word]) else { return false };
        search.find_overlapping_iter(self.0.as_ref()).any(|found| {
            let own_before = self.0.get(..found.start()).unwrap_or_default();
            let own_after = self.0.get(found.end()..).unwrap_or_default();
            let same_before = same(before.iter().rev(), own_before.iter().rev());
            same_before + same(after.iter(), own_after.iter()) >= enough
        })
    }
}

impl fmt::Debug for OwnWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnWords").finish_non_exhaustive()
    }
}

fn parts(text: &str, place: Range<usize>) -> Option<(&[u8], &[u8], &[u8])> {
    let text = text.as_bytes();
    let (before, rest) = text.split_at_checked(place.start)?;
    let (word, after) = rest.split_at_checked(place.end.checked_sub(place.start)?)?;
    (!word.is_empty()).then_some((before, word, after))
}

/// Returns the length of the common beginning, up to [`AROUND`].
fn same<'a>(text: impl Iterator<Item = &'a u8>, own: impl Iterator<Item = &'a u8>) -> usize {
    text.zip(own).take(AROUND).take_while(|(one, other)| one == other).count()
}
