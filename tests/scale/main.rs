//! Several processes on one store, which is a NATS server.
//!
//! - `permits`: a tenant's limit of concurrent runs
//! - `throttled`: what one process learns of Graph's throttling
//! - `processes`: processes on a store
//! - `store`: the entries of the store
//! - `sealing`: values that are sealed in it
//! - `keys`: the first answers to idempotency keys
//! - `tokens`: the tokens of users

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod keys;
mod permits;
mod processes;
mod sealing;
mod store;
mod throttled;
mod tokens;

use std::time::Duration;

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something holds.
async fn until(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
}
