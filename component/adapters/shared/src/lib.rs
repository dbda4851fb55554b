//! What the adapters share. Nothing here knows WASI, so that it also runs outside a sandbox.
//!
//! - [`settings`]: the settings of the adapters, and how they are read
//! - [`connection`]: the public part of a connection, from settings
//! - [`cloud`]: Microsoft's clouds
//! - [`address`]: the addresses that a token may be sent to
//! - `runtime`: memory and panics, in the place of the standard library

#![no_std]
#[macro_use]
extern crate alloc;

pub mod address;
pub mod cloud;
pub mod connection;
#[cfg(all(target_arch = "wasm32", feature = "runtime"))]
#[path = "../../../src/runtime.rs"]
mod runtime;
pub mod settings;

pub use connection::{Access, Connection};
pub use settings::Settings;
