//! What is measured of many runs at a time, one test after the other: nothing else may go on
//! meanwhile.
//!
//! - `crowd`: a thousand runs at a time, and thousands in a row
//! - `turns`: who waits for whom

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a panic in a test is a failed test, and figures are for whoever asks for them"
)]

mod crowd;
#[allow(dead_code, reason = "shared with the tests of the platform, which use the rest")]
#[path = "../platform/support.rs"]
mod support;
mod turns;
