//! The real binary and the real component, end to end.
//!
//! - `support`: running the binary, reading fixtures, building the hostile guest
//! - `fixtures`: every recorded exchange, and that every action has some
//! - `command_line`: what a user types and sees
//! - `recordings`: files that are damaged, do not fit, or were made to do harm
//! - `sandbox`: guests that misbehave are stopped
//! - `artefact`: the component itself: its imports, its size
//! - `speed`: how long a run takes from the shell

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod artefact;
mod command_line;
mod fixtures;
mod recordings;
mod sandbox;
mod speed;
mod support;
