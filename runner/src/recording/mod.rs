//! Recordings: every run's exchanges with Graph, as HAR 1.2.
//!
//! - `exchange`: one exchange as it happened, and its form in HAR
//! - `har`: the file format, with the run in the custom field `log._o365`
//! - `matching`: whether a request is the recorded one
//! - `recorded`: a recording that says which run it was made of
//! - `redaction`: taking secrets out of what a run says
//! - `secrets`: references to secret inputs, in place of their values
//! - `stand_ins`: values in place of secrets, for a replay

pub mod exchange;
pub mod har;
pub mod matching;
pub mod recorded;
pub mod redaction;
pub mod secrets;
pub mod stand_ins;

pub use har::{Har, Run};
pub use recorded::{Recorded, RecordedError};
pub use secrets::Secrets;
