//! HTTP to real servers, over connections that are kept.
//!
//! - [`client`]: one pool of connections, and how long each step of a request may take
//! - `connector`: from an address to a connection that HTTP can use
//! - [`guard`]: which addresses a name may lead to, and connecting to just those
//! - [`addresses`]: what is refused, as a table
//! - [`proxies`]: the proxies that the environment names
//! - `tls`: the handshake, and what to do about one that fails
//! - [`trust`]: which certificates are accepted
//! - `origin`: what is known of each server
//! - `body`: an answer's body, with its limits
//! - [`fault`]: why there is no answer, in words that help
//! - [`mod@retry_after`]: how long a server asks to wait
//!
//! Redirects are not followed: a guest sees them, and each of its requests passes every
//! layer again.

pub mod addresses;
pub mod body;
pub mod client;
mod connector;
pub mod fault;
pub mod guard;
mod origin;
pub mod proxies;
pub mod retry_after;
mod tls;
pub mod trust;

use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::combinators::UnsyncBoxBody;

use crate::recording::HttpError;

pub use client::{Client, ClientError};
pub use fault::{Explanation, Fault, Faults};
pub use proxies::Proxies;
pub use tls::TlsSetupError;
pub use trust::Trust;

/// A response, from wherever it comes.
pub type Response = http::Response<Body>;

/// The body of a response.
pub type Body = UnsyncBoxBody<Bytes, HttpError>;

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

/// The port of an address whose authority is a host and perhaps a port; none for any other.
/// `user@host` is an old trick, and a port that is no number is read as any by somebody.
pub fn port(uri: &Uri) -> Option<u16> {
    let authority = uri.authority()?;
    let port = authority.port();
    let digits = port.as_ref().map_or("", |port| port.as_str());
    let behind_host = if port.is_some() { digits.len() + 1 } else { 0 };
    // The library's `+443` is nobody else's.
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    if authority.as_str().len() != authority.host().len() + behind_host {
        return None;
    }
    port.map(|port| port.as_u16()).or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}
