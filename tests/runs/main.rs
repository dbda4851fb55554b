//! Runs that are recorded, replayed, planned and disturbed.
//!
//! - `replays`: recordings replayed, faults put in, runs planned
//! - `plans`: a plan held against the run that it foretells, on random simulated tenants
//! - `recordings`: what is kept out of a recording, and what the file is good for
//! - `transport`: hosts that give no response, by each error code and by none

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod clock;
mod plans;
mod recordings;
mod replays;
mod transport;
