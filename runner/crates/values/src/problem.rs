//! What is wrong with an input, and where.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most problems that are listed, which bounds the response to a long list of the wrong type.
const MAX_PROBLEMS: usize = 100;

/// The greatest length of a name that is compared. A longer one is no typing error, and comparing
/// it is slow.
const MAX_COMPARED: usize = 64;

/// The most names that a message lists.
const MAX_NAMES: usize = 24;

/// A problem of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", if pointer.is_empty() { "the input" } else { pointer.as_str() })]
pub struct Problem {
    /// The JSON pointer (RFC 6901), empty for the whole input.
    pub pointer: String,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// One step of a JSON pointer.
#[derive(Clone, Debug)]
pub enum Step {
    /// The key of an object.
    Key(String),
    /// The index in an array.
    Index(usize),
}

/// The position of a conversion.
#[derive(Debug, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// Goes one step down.
    pub fn enter(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Goes one step up.
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// Returns the number of steps.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Returns the JSON pointer.
    pub fn pointer(&self) -> String {
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

/// Collects problems at the current position.
#[derive(Debug, Default)]
pub struct Problems {
    /// The current position.
    pub path: Path,
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// Adds a problem at the current position.
    pub fn add(&mut self, message: impl Into<String>) {
        if self.list.len() >= MAX_PROBLEMS {
            self.left_out += 1;
            return;
        }
        self.list.push(Problem { pointer: self.path.pointer(), message: message.into() });
    }

    /// Returns whether there is no problem.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the problems, and the number of those left out.
    pub fn finish(mut self) -> Vec<Problem> {
        if self.left_out > 0 {
            self.list.push(Problem {
                pointer: String::new(),
                message: format!("{} more problems are not listed", self.left_out),
            });
        }
        self.list
    }
}

/// Escapes a key for a JSON pointer (RFC 6901).
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Returns the name in `known` that is nearest to `given`, ignoring case, hyphens and
/// underscores.
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

/// Returns `; did you mean ...?` where a name is near.
pub fn suggestion<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(given, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Returns `one of` these names.
pub fn one_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(MAX_NAMES);
    let mut list: Vec<String> = names.take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    if more > 0 {
        list.push(format!("{more} more"));
    }
    format!("one of {}", list.join(", "))
}

/// Returns the kind of a JSON value. The value itself may be a secret.
pub fn given(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
