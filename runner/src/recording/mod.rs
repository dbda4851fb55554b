//! Recordings: every run's exchanges with Graph, as HAR 1.2.
//!
//! - `har`: the file format, with the run in the custom field `log._o365`
//! - `matching`: whether a request is the recorded one, secrets by reference

pub mod har;
pub mod matching;

pub use har::{Har, Run};
