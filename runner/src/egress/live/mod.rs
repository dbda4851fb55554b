//! The live way out: real servers, over connections that are kept.
//!
//! - [`client`]: one pool of connections, and how long each step of a request may take
//! - [`clients`]: which client serves whom; tenants never share one
//! - `connector`: from an address to a connection that HTTP can use
//! - [`guard`]: which addresses a name may lead to, and connecting to just those
//! - [`addresses`]: what is refused, as a table
//! - [`proxies`]: the proxies that the environment names
//! - `tls`: the handshake, and what to do about one that fails
//! - [`trust`]: which certificates are accepted
//! - `origin`: what is known of each server
//! - `body`: an answer's body, with its limits
//! - [`fault`]: why there is no answer, in words that help
//! - [`way_out`]: a client as the innermost layer of a run
//!
//! Redirects are not followed: a guest sees them, and each of its requests passes every
//! layer again.

pub mod addresses;
mod body;
pub mod client;
pub mod clients;
mod connector;
pub mod fault;
pub mod guard;
mod origin;
pub mod proxies;
mod tls;
pub mod trust;
pub mod way_out;

use std::time::Duration;

use http::Uri;

use crate::connections::config::Trust;

pub use client::{Client, ClientError};
pub use clients::Clients;
pub use fault::{Explanation, Fault, Faults};
pub use proxies::Proxies;
pub use tls::TlsSetupError;

/// How a [`Client`] connects, and what it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// Which certificates are trusted beside those of the platform.
    pub trust: Trust,
    /// Addresses (host and port) that the configuration itself names: they alone may be
    /// private.
    pub own_addresses: Vec<Uri>,
    /// The proxies to go through.
    pub proxies: Proxies,
    /// How long the steps of a request may take.
    pub timeouts: Timeouts,
    /// The largest body of one answer, in bytes.
    pub max_response_bytes: usize,
}

impl Default for ClientOptions {
    /// The platform's trust, no private address, no proxy.
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            own_addresses: Vec::new(),
            proxies: Proxies::none(),
            timeouts: Timeouts::default(),
            max_response_bytes: 64 << 20,
        }
    }
}

/// How long each step of a request may take. The guest's own wishes are not asked for: a
/// run has a deadline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To resolve a name; and again to connect to one of its addresses.
    pub connect: Duration,
    /// For the TLS handshake; and before it, to get through a proxy.
    pub tls: Duration,
    /// For a connection to be free, where all that may be open are in use.
    pub free: Duration,
    /// From the request to the head of its answer.
    pub first_byte: Duration,
    /// From one part of a body to the next.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            tls: Duration::from_secs(10),
            free: Duration::from_secs(30),
            // Reports over large tenants keep Graph busy for tens of seconds.
            first_byte: Duration::from_secs(60),
            between_bytes: Duration::from_secs(30),
        }
    }
}
