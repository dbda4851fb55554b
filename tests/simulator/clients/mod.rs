//! `o365 simulate --port` and the clients that know nothing of it.
//!
//! - `protocol`: what comes before Graph: names, sizes, tokens, one request a line
//! - `sign_in`: every grant, over HTTP
//! - `response_modes`: how a code comes back to an application
//! - `applications`: what an application asks for, and learns
//! - `hosts`: what it serves under which name, and what clients ask for before they sign in
//! - `authority`: who signs its certificate, and for whom
//! - `description`: Graph's metadata, and its beta version
//! - `assertions`: certificates and federated credentials of an application
//! - `keeping`: the tenant's file, whatever becomes of the server
//! - `live`: `o365 run` over a connection to it
//! - `microsoft`: Microsoft's own clients, in `python/` and `node/`
//! - `named`: Microsoft's clients with their defaults, under Microsoft's host names
//! - `unmodified`: clients that people run, and what works with each
//! - `prism`: its answers against Microsoft's description of Graph

mod applications;
mod assertions;
mod authority;
mod description;
mod hosts;
mod keeping;
mod live;
mod microsoft;
#[cfg(target_os = "linux")]
mod named;
mod prism;
mod protocol;
mod response_modes;
mod sign_in;
#[cfg(target_os = "linux")]
mod unmodified;
