//! The HTTP client for real servers.
//!
//! - [`client`]: the client: a connection pool, and a time limit for each step of a request
//! - `connector`: making the connections of the pool
//! - [`guard`]: the addresses that a name may resolve to
//! - [`addresses`]: the table of refused addresses
//! - [`proxies`]: the proxies from the environment
//! - `tls`: the TLS handshake and its faults
//! - [`trust`]: the certificates that are accepted
//! - `origin`: the protocol and the connections of each server
//! - [`body`]: the body of a response, with its limits
//! - [`fault`]: why a request has no response
//! - [`mod@retry_after`]: the header `Retry-After`
//!
//! The client follows no redirects: the guest receives them, and each of its requests passes
//! every layer again.

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

/// A response.
pub type Response = http::Response<Body>;

/// The body of a response.
pub type Body = UnsyncBoxBody<Bytes, HttpError>;

/// The configuration of a [`Client`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// The certificates to trust beside those of the platform.
    pub trust: Trust,
    /// The servers that the configuration names. Only these may have private addresses.
    pub own_addresses: Vec<Uri>,
    /// The proxies to use.
    pub proxies: Proxies,
    /// The time limits of each request.
    pub timeouts: Timeouts,
    /// The largest response body, in bytes.
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

/// The time limits for the steps of a request. The timeouts that the guest sets are ignored: a
/// run has its own deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For resolving a name, and again for connecting to one of its addresses.
    pub connect: Duration,
    /// For the connection through a proxy, and again for the TLS handshake.
    pub tls: Duration,
    /// For a free connection, when as many as possible are in use.
    pub free: Duration,
    /// From the request to the head of its response.
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

/// Returns the port of an address whose authority is a host with or without a port. Addresses
/// such as `https://user@host` or `https://host:+443`, which parsers read in different ways,
/// have none.
pub fn port(uri: &Uri) -> Option<u16> {
    let authority = uri.authority()?;
    let port = authority.port();
    let digits = port.as_ref().map_or("", |port| port.as_str());
    let after_host = if port.is_some() { digits.len() + 1 } else { 0 };
    if !digits.bytes().all(|digit| digit.is_ascii_digit())
        || authority.as_str().len() != authority.host().len() + after_host
    {
        return None;
    }
    port.map(|port| port.as_u16()).or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}
