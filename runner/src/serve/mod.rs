//! The actions over HTTP, for many tenants: `o365 serve`.
//!
//! - `service`: what all requests have in common
//! - `router`: which path is answered by what
//! - `access`: the log of requests, and the span of each
//! - `authentication`: whose a request is; [`key`] is what shows it; `unauthenticated` counts
//!   those that show none
//! - `actions`: the list, one explained, a call of it; `response` is what came of one
//! - [`idempotency`]: a call that comes again
//! - [`problem`]: a call that fails
//! - [`openapi`], [`docs`]: what there is, for programs and for people
//! - `metrics`: what was done, for Prometheus
//! - [`configured`]: the tenants and the keys of `o365.toml`
//! - [`listen`], `connection`, `activity`, [`tls`]: connections
//! - [`open_files`]: how many there can be

mod access;
mod actions;
mod activity;
mod authentication;
pub mod configured;
mod connection;
pub mod docs;
pub mod idempotency;
pub mod listen;
mod metrics;
pub mod open_files;
pub mod openapi;
pub mod problem;
mod response;
mod router;
mod service;
pub mod tls;
mod unauthenticated;

pub use router::router;
pub use service::{Keys, Service, ServiceError};
