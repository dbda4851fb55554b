//! `o365 serve`: the actions over HTTP.
//!
//! - [`idempotency`]: the first answer to an `Idempotency-Key`, kept for its repeats
//! - [`key`]: API keys, and the hashes that stand for them

pub mod idempotency;
pub mod key;
