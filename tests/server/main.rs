//! The server, `o365 serve`, and its configuration.
//!
//! - `serve`: the real binary, over HTTP
//! - `mcp`: the actions as tools of the Model Context Protocol, as its clients have them
//! - `openapi`: what the server says of itself
//! - `operate`: what its operator does with it
//! - `scale`: several servers on one store
//! - `tenants`: tenants and the server in `o365.toml`, and their keys

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

#[cfg(unix)]
mod mcp;
mod openapi;
#[cfg(unix)]
mod operate;
#[cfg(unix)]
mod scale;
#[cfg(unix)]
mod serve;
mod tenants;
