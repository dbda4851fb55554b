//! The simulated tenant: it answers as the contract says and as the fixtures do.
//!
//! - `graph`: puts requests to a simulator, and checks every answer against the schemas
//! - `schemas`: Graph's schemas, and that a wrong body is caught
//! - `fixtures`: every recorded exchange, in the state that it assumes; `assumed` builds it
//! - `users`, `licenses`, `listing`, `mail`, `batch`: what each resource answers
//! - `conditions`: permissions, throttling, replication lag
//! - `commands`: `--simulate` and `o365 simulate`
//! - `large`: a tenant of 100,000 users

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod assumed;
mod batch;
mod commands;
mod conditions;
mod fixtures;
mod graph;
mod large;
mod licenses;
mod listing;
mod mail;
mod schemas;
#[expect(dead_code, reason = "shared with the tests of the binary, which use the rest")]
#[path = "../e2e/support.rs"]
mod support;
mod users;
