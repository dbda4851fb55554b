//! JSON to component values and back, driven by the component's own types.
//!
//! No action is known here by name: whatever a function takes and returns is read
//! from its types. The forms, the same in both directions and in the schemas:
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
//! The parts: [`strict`] reads text, [`mod@from_json`] and [`mod@to_json`] convert,
//! `shape` says which keys an object has, `expected` puts a type into words,
//! [`check`] refuses types without a form, [`schema`] writes JSON Schema,
//! [`mod@arguments`] reads `name=value`, [`problem`] says what is wrong and where.
//! Text and values that were given are never repeated in a message, because any
//! of them may be a secret; names of fields are.

pub mod arguments;
pub mod check;
mod expected;
pub mod from_json;
pub mod name;
pub mod problem;
pub mod schema;
mod shape;
pub mod strict;
pub mod to_json;

pub use arguments::arguments;
pub use check::{Unsupported, check_type};
pub use from_json::from_json;
pub use name::json_name;
pub use problem::Problem;
pub use strict::parse;
pub use to_json::{Unrepresentable, to_json, to_json_within};

/// How deep JSON may be nested, in text, in values and in schemas.
///
/// Every conversion recurses once per level, so this bounds the stack.
pub const MAX_DEPTH: usize = 64;
