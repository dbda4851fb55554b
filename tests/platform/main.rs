//! Many tenants in one process, through the library that a platform embeds.
//!
//! - `limits`: what one tenant may use, and what it is told beyond
//! - `changing`: tenants and components that change under runs
//! - `fair_queue`: the order in which waiting runs get permits
//! - `stopping`: the end, and what is cut short
//! - `throttled`: what one run learns of Graph's throttling
//! - `audited`: what the audit log has of it
//! - `store`: the small entries that outlive a run
//! - `idempotency`: the first answers to idempotency keys, and what is left of them after a crash

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod audited;
mod changing;
mod fair_queue;
mod idempotency;
mod limits;
mod stopping;
mod store;
mod throttled;
