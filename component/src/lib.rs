//! The guest: implements the world `office365` of `wit/` and talks to Microsoft
//! Graph alone.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `actions` | what a platform calls: one file per action |
//! | `input` | checks of what an action is given, shared by the actions |
//! | `graph` | the Graph client: requests, retries, errors, the few types used |
//! | `mail` | the messages of the notifications, and sending them |
//! | `country_codes` | ISO 3166-1, for usage locations |
//! | `product_names` | the names of Microsoft's products, by SKU |
//! | `hash` | a hash that is the same in every run |
//! | `search` | finding a text in a text |
//! | `failure` | building the contract's `error` |
//! | `permissions` | the least permission of each Graph call, from `wit/actions.toml` |
//! | `wasi` | the only module that knows WASI: HTTP, the clock, the host's connections |
//! | `runtime` | memory and panics, in the place of the standard library |
//! | `bindings` | generated from `wit/` |
//! | `exported` | the bindings as they are exported |
//!
//! Everything but `wasi` also runs outside a sandbox: an action takes a
//! [`graph::Host`], which is three small traits.

#![no_std]
#![allow(
    clippy::result_large_err,
    reason = "the contract's error is one value, made once in a run"
)]
#[macro_use]
extern crate alloc;
// Outside a sandbox the allocator and the panic handler are the standard library's.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

pub mod actions;
// Another file name, for cargo-component writes bindings of its own to `bindings.rs`.
#[path = "contract.rs"]
pub mod bindings;
pub mod country_codes;
#[cfg(target_arch = "wasm32")]
mod exported;
pub mod failure;
pub mod graph;
mod hash;
pub mod input;
pub mod mail;
pub mod permissions;
pub mod product_names;
#[cfg(target_arch = "wasm32")]
mod runtime;
mod search;
mod wasi;

/// The component as its host sees it; each interface is implemented in its module of
/// `actions`.
pub struct Component;

// The names of a component's exports are no symbols that a host's linker takes.
#[cfg(target_arch = "wasm32")]
bindings::export!(Component with_types_in exported);
