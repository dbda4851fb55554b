//! What is fuzzed, and what must hold for every input.
//!
//! Each module has one `check(data)`, which panics where something does not hold. The fuzz
//! targets hand it what libFuzzer makes up, and the test target `values` the files of `corpus/`.
//!
//! - `json_values`: JSON to component values and back; `meaning` says when two JSON values
//!   say the same
//! - `har`: recordings, our own and those of other programs
//! - `config`: `o365.toml`
//! - `call_url`: which requests of an action may leave the sandbox
//! - `address_guard`: which addresses a request may go to; `addresses` knows them in another way

pub mod address_guard;
mod addresses;
pub mod call_url;
pub mod config;
pub mod har;
pub mod json_values;
mod meaning;
