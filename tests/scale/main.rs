//! Several processes on one store, which is a NATS server.
//!
//! - `sealing`: values that are sealed in it
//! - `store`: the entries of the store

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod sealing;
mod store;
