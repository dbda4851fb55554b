//! Recordings: every run's exchanges with Graph, as HAR 1.2.
//!
//! - `har`: the file format, with the run in the custom field `log._o365`
//! - `matching`: whether a request is the recorded one
//! - `redaction`: taking secrets out of what a run says
//! - `secrets`: references to secret inputs, in place of their values

pub mod har;
pub mod matching;
pub mod redaction;
pub mod secrets;

pub use har::{Har, Run};
pub use secrets::Secrets;
