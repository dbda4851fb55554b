//! Many tenants in one process, through the library that a platform embeds.
//!
//! - `limits`: what one tenant may use, and what it is told beyond
//! - `changing`: tenants and components that change under runs
//! - `stopping`: the end, and what is cut short
//! - `throttled`: what one run learns of Graph's throttling
//! - `audited`: what the audit log has of it
//! - `support`: platforms, tenants and directories for all of these

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod audited;
mod changing;
mod limits;
mod stopping;
#[allow(dead_code, reason = "shared with the tests of load, which use the rest")]
mod support;
mod throttled;
