//! Runs that are recorded, replayed, planned and disturbed.
//!
//! - `replays`: recordings replayed, faults put in, runs planned
//! - `plans`: a plan held against the run that it foretells, on random simulated tenants
//! - `recordings`: what is kept out of a recording, and what the file is good for

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod plans;
mod recordings;
mod replays;
