//! Texts and lists of texts of which equal ones are kept once. The names and the states of
//! service plans are the same for most users of a tenant, and so are whole lists of them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

use hashbrown::HashTable;

use crate::hash;

/// Values of which equal ones are kept once, each with a number from 0 on.
struct Once<T: ?Sized> {
    kept: Vec<Box<T>>,
    /// The hash and the number of each.
    numbers: HashTable<(u64, usize)>,
}

impl<T: ?Sized> Default for Once<T> {
    fn default() -> Self {
        Once { kept: Vec::new(), numbers: HashTable::new() }
    }
}

impl<T: ?Sized> Once<T>
where
    for<'a> Box<T>: From<&'a T>,
{
    /// The number of `value`, whose hash is `hash`.
    fn number(&mut self, value: &T, hash: u64, is_same: fn(&T, &T) -> bool) -> usize {
        let Once { kept, numbers } = self;
        let is_equal = |&(known, number): &(u64, usize)| {
            known == hash && kept.get(number).is_some_and(|kept| is_same(kept, value))
        };
        if let Some(&(_, number)) = numbers.find(hash, is_equal) {
            return number;
        }
        let number = kept.len();
        kept.push(value.into());
        numbers.insert_unique(hash, (hash, number), |&(hash, _)| hash);
        number
    }
}

/// Whether two texts are equal, eight bytes at a time: `==` calls a function that compares them
/// byte by byte on this target, which was an eighth of the time of a report.
#[inline(always)]
pub fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && is_same_bytes(one.as_bytes(), other.as_bytes())
}

fn is_same_bytes(one: &[u8], other: &[u8]) -> bool {
    match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        // What comes before the last eight bytes may overlap them.
        (Some(last), Some(other_last)) => {
            let (words, other_words) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
            last == other_last && words.iter().zip(other_words).all(|(one, other)| one == other)
        }
        _ => one.iter().zip(other).all(|(one, other)| one == other),
    }
}

/// A text that is kept in [`Texts`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(NonZeroUsize);

impl Text {
    /// Its number, from 0 on.
    pub fn number(self) -> usize {
        self.0.get().saturating_sub(1)
    }
}

/// Texts, of which equal ones are kept once.
#[derive(Default)]
pub struct Texts(Once<str>);

impl Texts {
    /// Keeps `text`.
    pub fn keep(&mut self, text: &str) -> Text {
        let number = self.0.number(text, hash::quick(text.as_bytes()), is_same);
        Text(NonZeroUsize::MIN.saturating_add(number))
    }

    /// The text that was kept as `text`.
    pub fn get(&self, text: Text) -> &str {
        self.0.kept.get(text.number()).map_or("", |text| &**text)
    }

    /// All texts, by their numbers.
    pub fn into_all(self) -> Vec<Box<str>> {
        self.0.kept
    }
}

/// A list that is kept in [`Lists`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct List(usize);

impl List {
    /// Its number, from 0 on.
    pub fn number(self) -> usize {
        self.0
    }
}

/// Lists of texts and of gaps, of which equal ones are kept once.
#[derive(Default)]
pub struct Lists(Once<[Option<Text>]>);

impl Lists {
    /// Keeps `list`.
    pub fn keep(&mut self, list: &[Option<Text>]) -> List {
        let numbers = list.iter().map(|text| text.map_or(0, |text| text.0.get()));
        List(self.0.number(list, hash::quick_of(numbers), |one, other| one == other))
    }

    /// The list that was kept as `list`.
    pub fn get(&self, list: List) -> &[Option<Text>] {
        self.0.kept.get(list.number()).map_or(&[], |list| &**list)
    }

    /// All lists, by their numbers.
    pub fn into_all(self) -> Vec<Box<[Option<Text>]>> {
        self.0.kept
    }
}
