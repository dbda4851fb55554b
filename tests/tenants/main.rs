//! Tenants and the server in `o365.toml`, and their keys.
//!
//! - `config`: what is taken from the file
//! - `problems`: what is refused in it, and in which words
//! - `add`: what `tenant add` makes, prints and refuses
//! - `bytes`: what it leaves as it is in the file
//! - `replaced`: the file in place of the old one: links, modes, kills, others at the same time
//! - `terminal`: what a person sees
//! - `place`: a directory with an `o365.toml`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod add;
mod bytes;
mod config;
mod place;
mod problems;
#[cfg(unix)]
mod replaced;
#[allow(dead_code, reason = "shared with the end-to-end tests, which use the rest")]
#[path = "../e2e/support.rs"]
mod support;
#[cfg(target_os = "linux")]
mod terminal;
