//! Checks of what an action is given, before anything is sent.
//!
//! | module | what it checks |
//! | --- | --- |
//! | `connection` | connection ids |
//! | `ids` | service ids |
//! | `names` | display names, mail nicknames, user principal names |
//! | `password` | passwords |
//! | `location` | usage locations |
//! | `addresses` | mail addresses |
//! | `keys` | access keys and private keys |
//! | `machines` | names of storage accounts, addresses of machines |
//! | `text` | free text of a line or more |
//!
//! A check adds to a list of [`Problems`], so that a caller sees all of them at once. A
//! problem says where it is as a JSON pointer, and never repeats a secret.

pub mod addresses;
pub mod connection;
pub mod ids;
pub mod keys;
pub mod location;
pub mod machines;
pub mod names;
pub mod password;
pub mod text;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::connector::office365::types::{Error, Problem};
use crate::failure::refused_input;

/// What is wrong with an input, so far.
#[derive(Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds that the value at `pointer`, such as `/usageLocation`, is wrong, and what is
    /// expected there.
    pub fn add(&mut self, pointer: &str, message: impl Into<String>) {
        self.0.push(Problem { pointer: pointer.to_owned(), message: message.into() });
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the checks with `checked`, which a problem keeps from being there.
    ///
    /// # Errors
    /// `invalid-input` with all problems.
    pub fn or_refuse<T>(self, checked: Option<T>) -> Result<T, Error> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => Err(refused_input(self.0)),
        }
    }
}
