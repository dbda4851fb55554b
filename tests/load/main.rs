//! What is measured of many runs at a time, one test after the other: nothing else may go on
//! meanwhile.
//!
//! - `crowd`: a thousand runs at a time, and thousands in a row
//! - `turns`: who waits for whom
//! - `hostile`: guests that misbehave, beside one that does not

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod crowd;
mod hostile;
mod turns;
