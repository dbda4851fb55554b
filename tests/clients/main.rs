//! `o365 simulate --port` and the clients that know nothing of it.
//!
//! - `server`: the real binary, serving
//! - `protocol`: what comes before Graph: names, sizes, tokens, one request a line
//! - `sign_in`: every grant, over HTTP
//! - `install`: the tools of others, as they are pinned
//! - `keeping`: the tenant's file, whatever becomes of the server
//! - `live`: `o365 run` over a connection to it
//! - `microsoft`: Microsoft's own clients, in `python/` and `node/`
//! - `prism`: its answers against Microsoft's description of Graph

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a panic in a test is a failed test"
)]

mod install;
mod keeping;
mod live;
mod microsoft;
mod prism;
mod protocol;
mod server;
mod sign_in;
#[allow(dead_code, reason = "shared with the end-to-end tests, which use the rest")]
#[path = "../e2e/support.rs"]
mod support;
