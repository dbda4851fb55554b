//! `o365 serve`: the actions over HTTP.
//!
//! - [`idempotency`]: the first answer to an `Idempotency-Key`, kept for its repeats

pub mod idempotency;
