//! Spans of requests and runs, for the log and an OpenTelemetry collector.
//!
//! - [`spans`]: the spans of requests, runs and calls
//! - [`log_queue`]: the queue of a server's log lines
//! - `export` (with the feature `otel`): the export to a collector
//! - `environment` (with `otel`): the standard environment variables
//! - `collector` (with `otel`): the requests to the collector
//!
//! A program that embeds the library can collect the spans by the targets in [`spans`].

#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
pub mod environment;
#[cfg(feature = "otel")]
pub mod export;
pub mod log_queue;
pub mod spans;
