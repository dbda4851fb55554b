//! What is wrong with an input, and where.

use serde::{Deserialize, Serialize};

/// How many problems are listed; a long list of the wrong type would otherwise
/// be answered with far more text than was sent.
const MAX_PROBLEMS: usize = 100;

/// Names longer than this are no slip of the hand, and comparing them is slow.
const MAX_COMPARED: usize = 64;

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", if pointer.is_empty() { "the input" } else { pointer.as_str() })]
pub struct Problem {
    /// Where: a JSON pointer (RFC 6901); empty for the whole input.
    pub pointer: String,
    /// What is wrong there and what is expected instead.
    pub message: String,
}

/// One step of a JSON pointer.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Where a conversion stands, from the root.
#[derive(Debug, Default)]
pub(super) struct Path(Vec<Step>);

impl Path {
    pub(super) fn enter(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// How many steps below the root.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// The JSON pointer, escaped as RFC 6901 asks.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.0 {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&escaped(key)),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }
}

/// Collects problems, with the path that they are at.
#[derive(Debug, Default)]
pub(super) struct Problems {
    path: Path,
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    pub(super) fn enter(&mut self, step: Step) {
        self.path.enter(step);
    }

    pub(super) fn leave(&mut self) {
        self.path.leave();
    }

    /// How many steps below the root.
    pub(super) fn depth(&self) -> usize {
        self.path.depth()
    }

    /// Adds a problem at the present place.
    pub(super) fn add(&mut self, message: impl Into<String>) {
        if self.list.len() >= MAX_PROBLEMS {
            self.left_out += 1;
            return;
        }
        self.list.push(Problem { pointer: self.path.pointer(), message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The problems, and a last one that counts those left out.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        if self.left_out > 0 {
            self.list.push(Problem {
                pointer: String::new(),
                message: format!("{} more problems are not listed", self.left_out),
            });
        }
        self.list
    }
}

/// A key as RFC 6901 writes it in a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The name of `known` that `given` was probably meant to be.
///
/// Case, hyphens and underscores do not count, since they are what is mistaken most.
pub fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if given.chars().count() > MAX_COMPARED {
        return None;
    }
    let given = bare(given);
    known
        .map(|name| (strsim::damerau_levenshtein(&given, &bare(name)), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn bare(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// `; did you mean ...?` when there is a nearest name, else nothing.
pub(super) fn suggestion<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(given, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
