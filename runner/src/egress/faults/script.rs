//! Fault scripts.
//!
//! A script has one fault a line, `FAULT@TARGET` or `FAULT=NUMBER@TARGET`. A semicolon ends a
//! line as well. The target is one of
//! - `2`: the second call of the run, including retries;
//! - `POST /users`: the first call of this kind, with `{id}` for the key of any object;
//! - `POST /users#2`: the second call of this kind;
//! - `every 3`: one call in three, selected by the seed.
//!
//! `seed 7` sets the seed, which is 0 by default. A line that begins with `#` is a comment. A
//! call with several targets meets the first fault that it can.

use std::fmt;
use std::str::FromStr;

use http::Method;
use thiserror::Error;

use super::catalogue::{Fault, Number};
use crate::contract::Call;
use crate::contract::call::InvalidCall;
use crate::values::problem::nearest;

/// The most faults of a script: more than the calls of any run.
const MAX_RULES: usize = 1_000;

/// A fault script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The seed of random choices.
    pub seed: u64,
    /// The faults, in order.
    pub rules: Vec<Rule>,
}

/// A fault and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The fault.
    pub fault: Fault,
    /// The number that the script sets.
    pub value: Option<u32>,
    /// The calls.
    pub target: Target,
}

/// The calls that meet a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The call with this number, from 1.
    Number(u32),
    /// A call of this kind.
    Kind {
        /// The call.
        call: Call,
        /// The number of the call of this kind, from 1.
        nth: u32,
    },
    /// One call in this number, as the seed selects.
    Every(u32),
}

/// A script that is invalid.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("line {line} of the faults, {text:?}: {reason}")]
pub struct ScriptError {
    /// The line number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// The reason.
    pub reason: LineError,
}

/// Why a line is invalid.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// The line is neither a fault nor a seed.
    #[error("write FAULT@TARGET, such as 429@2, or seed NUMBER")]
    Form,
    /// The fault does not exist.
    #[error("there is no fault {0:?}; {hint}o365 faults lists them all", hint = suggestion(.1))]
    UnknownFault(String, Option<&'static str>),
    /// The fault takes no number.
    #[error("{0} takes no number")]
    NoNumber(&'static str),
    /// The fault takes other numbers.
    #[error("{0} takes {list}, and not {1}", list = listed(.2))]
    NotOneOf(&'static str, u32, &'static [u32]),
    /// The text is not a number from 1.
    #[error("{0:?} is not a whole number from 1")]
    Number(String),
    /// The target is invalid.
    #[error(
        "the target {0:?} is invalid: write a number, a call such as POST /users, or every NUMBER"
    )]
    Target(String),
    /// The script has too many faults.
    #[error("a script has {MAX_RULES} faults at most")]
    TooMany,
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!("did you mean {name}? ")).unwrap_or_default()
}

fn listed(numbers: &[u32]) -> String {
    let mut words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::default();
        for (line, text) in (1..).zip(text.split(['\n', ';'])) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            script.read(text).map_err(|reason| {
                // A file that is not a script may have endless lines.
                ScriptError { line, text: text.chars().take(100).collect(), reason }
            })?;
        }
        Ok(script)
    }
}

impl Script {
    /// Returns whether a fault ends the process of the run.
    pub fn crashes(&self) -> bool {
        self.rules.iter().any(|rule| rule.fault.crashes())
    }

    fn read(&mut self, line: &str) -> Result<(), LineError> {
        if let Some(seed) = line.strip_prefix("seed ") {
            self.seed = seed.trim().parse().map_err(|_| LineError::Number(seed.to_owned()))?;
            return Ok(());
        }
        if self.rules.len() == MAX_RULES {
            return Err(LineError::TooMany);
        }
        self.rules.push(line.parse()?);
        Ok(())
    }
}

impl Rule {
    /// Returns the number of the fault, or its default.
    pub fn number(&self) -> Option<u32> {
        self.value.or(self.fault.number().default())
    }

    /// Whether a call can meet the fault. `path` follows the version root.
    pub fn covers(&self, method: &Method, path: &str, query: Option<&str>) -> bool {
        self.fault.meets().covers(method, path, query, self.number())
    }
}

impl FromStr for Rule {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        let (fault, target) = line.split_once('@').ok_or(LineError::Form)?;
        let (name, value) = match fault.trim().split_once('=') {
            Some((name, value)) => (name.trim(), Some(number(value.trim())?)),
            None => (fault.trim(), None),
        };
        let names = || Fault::ALL.iter().map(|fault| fault.name());
        let fault =
            Fault::ALL.iter().copied().find(|fault| fault.name() == name).ok_or_else(|| {
                LineError::UnknownFault(name.chars().take(100).collect(), nearest(name, names()))
            })?;
        if let Some(number) = value {
            may_have(fault, number)?;
        }
        Ok(Self { fault, value, target: target.trim().parse()? })
    }
}

/// Fails when a script cannot set `number` for `fault`.
fn may_have(fault: Fault, number: u32) -> Result<(), LineError> {
    match fault.number() {
        Number::None => Err(LineError::NoNumber(fault.name())),
        Number::OneOf(numbers) if !numbers.contains(&number) => {
            Err(LineError::NotOneOf(fault.name(), number, numbers))
        }
        Number::From1(_) | Number::OneOf(_) => Ok(()),
    }
}

impl FromStr for Target {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return number(text).map(Self::Number);
        }
        if let Some(k) = text.strip_prefix("every ") {
            return number(k.trim()).map(Self::Every);
        }
        let (call, nth) = match text.split_once('#') {
            Some((call, nth)) => (call.trim(), number(nth.trim())?),
            None => (text, 1),
        };
        let call = call.parse().map_err(|_: InvalidCall| LineError::Target(text.to_owned()))?;
        Ok(Self::Kind { call, nth })
    }
}

fn number(text: &str) -> Result<u32, LineError> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| LineError::Number(text.to_owned()))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fault.name())?;
        if let Some(value) = self.value {
            write!(f, "={value}")?;
        }
        match &self.target {
            Target::Number(number) => write!(f, "@{number}"),
            Target::Kind { call, nth: 1 } => write!(f, "@{call}"),
            Target::Kind { call, nth } => write!(f, "@{call}#{nth}"),
            Target::Every(k) => write!(f, "@every {k}"),
        }
    }
}
