//! Recordings: every run's exchanges with Graph, as HAR 1.2.
//!
//! - `error_code`: the names of what can go wrong between a guest and Graph
//! - `exchange`: one exchange as it happened, and its form in HAR
//! - `file`: a recording as a file, whole or not at all
//! - `finished`: a run that is over, as a recording of it is made
//! - `foreign`: files of other programs
//! - `forms`: the ways in which a text may be written
//! - `har`: the file format, with the run in the custom field `log._o365`
//! - `matching`: whether a request is the recorded one
//! - `needles`: what shows a secret in a text
//! - `own_words`: what stands in a component itself, and is no secret
//! - `pseudonyms`: other names for people and tenants
//! - `recorded`: a recording that says which run it was made of
//! - `redaction`: taking secrets out of what a run says
//! - `scan`: the last look before a recording is written
//! - `secrets`: references to secret inputs, in place of their values
//! - `leak_candidates`: what looks like a secret in a file of others
//! - `placeholders`: values in place of secrets, for a replay
//! - `texts`: changing texts in whatever they are wrapped
//! - `tokens`: texts that look like tokens

pub mod error_code;
pub mod exchange;
pub mod file;
pub mod finished;
pub mod foreign;
pub mod forms;
pub mod har;
pub mod leak_candidates;
pub mod matching;
mod needles;
pub mod own_words;
pub mod placeholders;
pub mod pseudonyms;
pub mod recorded;
pub mod redaction;
pub mod scan;
pub mod secrets;
pub mod texts;
pub mod tokens;

pub use har::{Har, Run};
pub use own_words::OwnWords;
pub use recorded::{Recorded, RecordedError};
pub use secrets::Secrets;
pub use wasmtime_wasi_http::Error as HttpError;

/// A request of a guest, its body already read.
pub type Request = http::Request<bytes::Bytes>;
