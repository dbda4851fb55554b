//! `o365 serve`: the actions over HTTP.
//!
//! - `key`: API keys, and the hashes that stand for them

pub mod key;
