//! The HTTP server `o365 serve`: the actions for many tenants.
//!
//! - `service`: the state that all requests share
//! - `router`: routes and middleware
//! - `access`: the access log and the spans
//! - `authentication`: API keys
//! - `refused`: the counts of requests that are refused at once
//! - `actions`: the actions: list, description and call; `response` writes the response of a call
//! - `calls`: the calls of actions, counted, and with an idempotency key run once
//! - [`runs`]: the runs that nobody waits for
//! - `resume`: the runs that an earlier process did not end
//! - `choices`: lists of choices for inputs
//! - [`idempotency`]: repeated calls
//! - [`problem`]: problem documents
//! - [`openapi`], [`docs`]: the OpenAPI documents and the API explorer; `documents` serves the former
//! - [`mcp`]: the actions as tools of the Model Context Protocol
//! - `metrics`: metrics for Prometheus
//! - `negotiation`: the media type of a response
//! - [`configured`]: the tenants and the keys of `o365.toml`
//! - [`listen`], `connection`, `activity`, `watched`, `peers`, [`tls`]: connections
//! - `forwarded`, `origin`: the client of a request, also behind proxies, and the URL that it uses
//! - [`open_files`]: the limit of open files

mod access;
mod actions;
mod activity;
mod authentication;
mod calls;
mod choices;
pub mod configured;
mod connection;
pub mod docs;
mod documents;
mod forwarded;
pub mod idempotency;
pub mod listen;
pub mod mcp;
mod metrics;
mod negotiation;
pub mod open_files;
pub mod openapi;
mod origin;
mod peers;
pub mod problem;
mod refused;
mod response;
mod resume;
mod router;
pub mod runs;
mod service;
pub mod tls;
mod watched;

pub use resume::ResumeError;
pub use service::{Keys, Service, ServiceError};
