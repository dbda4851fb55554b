//! What the log and an OpenTelemetry collector are told of requests and runs.
//!
//! - [`spans`]: a request, a run, a call of Graph: what is said of each, and nothing else
//! - `export` (with the feature `otel`): to a collector, as the environment says
//! - `environment` (the same): the standard variables
//! - `collector` (the same): the requests to it
//!
//! Whoever embeds the library may collect the spans by the targets that [`spans`] names.

#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
pub mod environment;
#[cfg(feature = "otel")]
pub mod export;
pub mod spans;
