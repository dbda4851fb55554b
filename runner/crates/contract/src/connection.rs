//! The public part of a connection.

use http::Uri;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

/// The default time limit of a run, in milliseconds.
pub const DEFAULT_TIME_LIMIT_MS: u32 = 120_000;

/// The identity that a connection acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// A signed-in user.
    Delegated,
    /// The application itself.
    AppOnly,
}

/// The public part of a connection, as `describe` returns it and recordings contain it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Graph's version root, such as `https://graph.microsoft.com/v1.0`.
    pub graph_url: String,
    /// The tenant's domain, or its id.
    pub tenant: String,
    /// The mailbox that sends notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The identity that calls are made for.
    pub access: Access,
    /// The time limit of the run, in milliseconds.
    #[serde(default = "default_time_limit")]
    pub time_limit_ms: u32,
}

/// An unusable Graph address.
#[derive(Debug, Error)]
#[error(
    "the Graph address {0:?} is not of the form https://graph.microsoft.com/v1.0: https (or http on loopback), a host, and a path without a slash at its end"
)]
pub struct InvalidGraphUrl(String);

impl Connection {
    /// Returns Graph's version root, checked by [`secure_url`].
    pub fn graph_root(&self) -> Result<Uri, InvalidGraphUrl> {
        secure_url(&self.graph_url)
            .ok_or_else(|| InvalidGraphUrl(self.graph_url.chars().take(200).collect()))
    }
}

/// Parses an address that tokens may be sent to: https, or http on loopback, and nothing in it
/// that two parsers could read in two ways.
pub fn secure_url(text: &str) -> Option<Uri> {
    let url = Url::parse(text).ok()?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    };
    // Normalized, except for an empty path.
    let plain = url.as_str().trim_end_matches('/') == text
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if secure && plain { text.parse().ok() } else { None }
}

fn default_time_limit() -> u32 {
    DEFAULT_TIME_LIMIT_MS
}
