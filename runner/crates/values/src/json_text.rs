//! JSON as text.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A value as compact JSON text, such as the result of an action. Who passes it on, as a server
/// does, needs no tree of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// Returns the text of `null`, which is the result of an action without one.
    pub fn null() -> Self {
        Self::of(&Value::Null)
    }

    /// Returns the text of a value.
    pub fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// Takes a text that was written as compact JSON.
    pub(super) fn written(text: String) -> Self {
        Self(text)
    }

    /// Returns the text, which stays here.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as a string of the caller's own.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Reads the text as a value of another type, such as a `struct` with the members of interest.
    ///
    /// # Errors
    /// Fails when the value is not of that type.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// Returns the value.
    pub fn to_value(&self) -> Value {
        // serde_json reads what it has written, and 127 levels; a type has at most `MAX_DEPTH`.
        self.read().unwrap_or_default()
    }

    /// Returns the value in place of the text.
    pub fn into_value(self) -> Value {
        self.to_value()
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
