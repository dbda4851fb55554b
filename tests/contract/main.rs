//! The crate `contract`: Graph calls, and the permissions that actions need.
//!
//! - `call`: which requests are a call
//! - `permissions`: missing and excess permissions

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod call;
mod permissions;
