//! The HTTP server `o365 serve`: the actions for many tenants.
//!
//! - `service`: the state that all requests share
//! - `router`: routes and middleware
//! - `origin`: how callers reach the server
//! - `access`: the access log and the spans
//! - `authentication`: API keys
//! - `refused`: the counts of requests that are refused at once
//! - `actions`: the actions: list, description and call; `response` writes the response of a call
//! - `choices`: lists of choices for inputs
//! - [`idempotency`]: repeated calls
//! - [`problem`]: problem documents
//! - [`openapi`], [`docs`]: the OpenAPI documents and the API explorer; `documents` serves the former
//! - `metrics`: metrics for Prometheus
//! - [`configured`]: the tenants and the keys of `o365.toml`
//! - [`listen`], `connection`, `activity`, `watched`, [`tls`]: connections
//! - [`open_files`]: the limit of open files

mod access;
mod actions;
mod activity;
mod authentication;
mod choices;
pub mod configured;
mod connection;
pub mod docs;
mod documents;
pub mod idempotency;
pub mod listen;
mod metrics;
pub mod open_files;
pub mod openapi;
mod origin;
pub mod problem;
mod refused;
mod response;
mod router;
mod service;
pub mod tls;
mod watched;

pub use origin::Origin;
pub use router::router;
pub use service::{Keys, Service, ServiceError};
