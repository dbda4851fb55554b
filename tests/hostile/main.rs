//! Guests that misbehave, in a platform of two tenants: each ends in its own way, and neither
//! the host's memory nor the other tenant feels it.
//!
//! - `outcomes`: each misbehaviour, and how it ends
//! - `neighbours`: what the other tenant and the host feel of all of them
//! - `crossing`: what a tenant finds of another, and what goes out to its Graph
//! - `mallory`: the platform, its tenants and their calls

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a panic in a test is a failed test, and figures are for whoever asks for them"
)]

#[allow(dead_code, reason = "shared with the tests of the binary, which use the rest")]
#[path = "../e2e/support.rs"]
mod binary;
mod crossing;
mod mallory;
mod neighbours;
mod outcomes;
#[allow(dead_code, reason = "shared with the tests of the platform, which use the rest")]
#[path = "../platform/support.rs"]
mod support;
