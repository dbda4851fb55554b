//! Several processes on one store, which is a NATS server.
//!
//! - `permits`: a tenant's limit of concurrent runs
//! - `throttled`: what one process learns of Graph's throttling
//! - `processes`: processes on a store
//! - `sealing`: values that are sealed in it
//! - `store`: the entries of the store

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod permits;
mod processes;
mod sealing;
mod store;
mod throttled;
