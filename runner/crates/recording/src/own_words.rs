//! The words that a component has of its own: what stands in it, and everybody can read.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

/// How much more of a component's text than the word itself must stand around it, in bytes. A
/// word by itself may come from anywhere; with so much around it, it is of a sentence.
const AROUND: usize = 6;

/// A component's own words.
#[derive(Clone, Default)]
pub struct OwnWords(Arc<[u8]>);

impl OwnWords {
    /// Those of the component with these bytes: its texts stand in them as they are.
    pub fn of(component: &[u8]) -> Self {
        Self(component.into())
    }

    /// Whether what stands in `text` at `place` is of a sentence of the component's, or of a
    /// pointer to an input, which is short and stands there whole.
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

/// How far two texts are the same, as far as it matters.
fn same<'a>(text: impl Iterator<Item = &'a u8>, own: impl Iterator<Item = &'a u8>) -> usize {
    text.zip(own).take(AROUND).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_components_own_with_the_sentence_around_it() {
        let words =
            OwnWords::of(b"\0\x01the new user \xffexpected a password such as this/password\0");
        let have = |text: &str, word: &str| {
            let start = text.find(word).unwrap();
            words.have(text, start..start + word.len())
        };
        assert!(have("the new user ann is left", "user"));
        assert!(have("so: expected a password such", "password"));
        assert!(have("/password", "password"));
        for (text, word) in [
            ("user", "user"),
            ("the value 'user' is", "user"),
            ("is that user your own", "user"),
            ("password", "password"),
            ("/password", "/password"),
            ("/passwords", "password"),
            ("(password", "password"),
            ("no password such", "passw0rd"),
            ("the new user ann", "user ann"),
        ] {
            assert!(!text.contains(word) || !have(text, word), "{text}: {word}");
        }
        assert!(!OwnWords::default().have("the new user ann", 8..12));
    }
}
