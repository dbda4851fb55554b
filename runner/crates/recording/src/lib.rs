//! Recordings: the exchanges of a run with Graph, as HAR 1.2.
//!
//! - `error_code`: the names of HTTP errors in WIT
//! - `exchange`: an exchange as it happened, and as a HAR entry
//! - `file`: writes recordings
//! - `finished`: makes the recording of a run that has ended
//! - `foreign`: reads the HAR files of other programs
//! - `forms`: the encodings of a text
//! - `har`: the file format, with the run in the custom field `log._o365`
//! - `leak_candidates`: finds texts that look like secrets
//! - `matching`: compares a request with the recorded one
//! - `needles`: the texts that reveal a secret
//! - `own_words`: the sentences of the component, which a redaction keeps
//! - `placeholders`: values in place of secrets, for a replay
//! - `pseudonyms`: replaces the names of people and tenants
//! - `recorded`: reads a recording for a replay
//! - `redaction`: removes secrets
//! - `scan`: finds known secrets before a recording is written
//! - `secrets`: references to secret inputs
//! - `texts`: changes texts inside JSON, addresses and base64
//! - `tokens`: finds texts that look like tokens

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

/// A request of the guest, with its whole body.
pub type Request = http::Request<bytes::Bytes>;
