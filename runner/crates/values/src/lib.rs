//! Converts JSON to component values and back, driven by the types of the component.
//!
//! No action is known here by name: its parameters and results are read from its types. The forms
//! are the same in both directions and in the schemas:
//!
//! | WIT | JSON |
//! | --- | --- |
//! | `bool`, `string` | as they are |
//! | integers of up to 32 bits | an integer; `1.0` is one too |
//! | `u64`, `s64` | an integer, or the same as a string of decimal digits; the string is written beyond ±(2^53-1) |
//! | `f32`, `f64` | a number; NaN and the infinities have no form |
//! | `char` | a string of one character |
//! | `list<u8>` | a base64 string |
//! | `list<T>`, `tuple`, `list<T, N>` | an array; the last two of exact length |
//! | `map<K, V>` | an array of `[key, value]` |
//! | `record` | an object; names by [`json_name`], a none field left out |
//! | `option<T>` | null or absent, or the value |
//! | `option<option<T>>` | null or absent, or `{"some": ...}` |
//! | `result<T, E>` | `{"ok": ...}` or `{"error": ...}`, null for an absent payload |
//! | `enum` | the case's name as in WIT |
//! | `flags` | an array of names as in WIT |
//! | `variant` | `{"kind": case}`; a record's fields stand beside `kind`, any other payload under `value` |
//!
//! - [`mod@arguments`]: reads `name=value`
//! - [`check`]: refuses types without a form
//! - `expected`: describes types in messages
//! - [`form`]: the JSON form of a type, worked out once
//! - [`mod@from_json`], [`mod@to_json`]: convert
//! - [`json_text`]: JSON as text
//! - [`problem`]: what is wrong with an input, and where
//! - [`schema`]: writes JSON Schema
//! - `keys`, `shape`: the keys and members of objects
//! - [`strict`]: parses JSON text
//!
//! Without the features `component` and `schema`, which need wasmtime and the WIT parser, only
//! the parts that a guest uses are left.
//!
//! A message never repeats a given value, because any of them may be a secret. It may repeat the
//! names of fields.

#[cfg(feature = "component")]
pub mod arguments;
#[cfg(feature = "component")]
pub mod check;
#[cfg(feature = "component")]
mod expected;
#[cfg(feature = "component")]
pub mod form;
#[cfg(feature = "component")]
pub mod from_json;
#[cfg(feature = "component")]
pub mod json_text;
#[cfg(any(feature = "component", feature = "schema"))]
mod keys;
pub mod name;
pub mod problem;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "component")]
mod shape;
pub mod strict;
#[cfg(feature = "component")]
pub mod to_json;

#[cfg(feature = "component")]
pub use arguments::arguments;
#[cfg(feature = "component")]
pub use check::{Unsupported, check_type};
#[cfg(feature = "component")]
pub use form::Form;
#[cfg(feature = "component")]
pub use from_json::from_json;
#[cfg(feature = "component")]
pub use json_text::JsonText;
pub use name::json_name;
pub use problem::Problem;
pub use strict::parse;
#[cfg(feature = "component")]
pub use to_json::{Unrepresentable, to_json};

/// The greatest depth of JSON text, values and schemas. Every conversion recurses once per level,
/// so this bounds the stack.
pub const MAX_DEPTH: usize = 64;

/// The greatest integer that every reader of JSON keeps exactly (2^53-1).
pub const MAX_SAFE: i128 = 9_007_199_254_740_991;
