//! The component composed with adapters, on hosts of others with nothing of ours but the
//! simulated tenant.
//!
//! - `composition`: what `o365 component --with` writes
//! - `settings`: the settings, against the documentation and the runner
//! - `connections`: the sign-in of the adapter `connections`, and what it says when it fails
//! - `serving`: the adapter `http` beside `o365 serve`
//! - `programs`: `create-user` by wasmtime's command line, wassette and wash
//! - `composed`: compositions, in files
//! - `wasmtime`: wasmtime's command line with settings
//! - `client`: requests over HTTP

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod client;
mod composed;
mod composition;
mod connections;
mod programs;
mod serving;
mod settings;
mod wasmtime;
