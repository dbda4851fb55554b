//! The real binary and the real component, end to end.
//!
//! - `docs`: the README and the pages of `docs/`, whose commands are run
//! - `examples`: the worked examples of `docs/shell.md`
//! - `fixtures`: every recorded exchange, and that every action has some
//! - `command_line`: what a user types and sees
//! - `hostile_input`: what is refused, and the bytes that go out for what is not
//! - `layout`: where imports go, and how long files are
//! - `large_reports`: a tenant of 100,000 users
//! - `listing`: what the program says of the actions
//! - `recordings`: files that are damaged, do not fit, or were made to do harm
//! - `registry`: the component in an OCI registry
//! - `sandbox`: guests that misbehave are stopped
//! - `artefact`: the component itself: its imports, its size
//! - `seed`: the reference's tables, row by row
//! - `shells`: completions in shells, and the manual pages
//! - `speed`: how long a run takes from the shell

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod artefact;
mod command_line;
mod docs;
mod examples;
mod fixtures;
mod hostile_input;
mod large_reports;
mod layout;
mod listing;
mod recordings;
mod registry;
mod sandbox;
mod seed;
mod shells;
mod speed;
