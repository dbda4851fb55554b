//! The URL by which callers reach the server.

use std::fmt;

use http::uri::{Authority, Scheme};
use url::Url;

/// The base of the server's URLs: scheme, host with an optional port, and an optional path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or a path that begins with a slash and does not end with one.
    path: String,
}

impl BaseUrl {
    /// Parses a configured URL: absolute, http or https, without a user, a query or a fragment.
    pub fn parse(text: &str) -> Option<Self> {
        // Only what the parser does not change: it would drop blanks and line breaks.
        let url =
            Url::parse(text).ok().filter(|_| !text.contains(|c: char| !c.is_ascii_graphic()))?;
        let scheme = match url.scheme() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return None,
        };
        let is_bare = url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| is_bare && !text.contains(['@', '\\', '{', '}']))?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let path = url.path().trim_end_matches('/').to_owned();
        Some(Self { scheme, authority: authority.parse().ok()?, path })
    }

    /// Decides the base URL for a request: the configured one, or else that of the request. The
    /// scheme and the authority are those that the client used, as far as the server knows; an
    /// authority that names no host is refused.
    pub fn decide(
        configured: Option<&Self>,
        scheme: &Scheme,
        authority: Option<&str>,
    ) -> Option<Self> {
        if let Some(configured) = configured {
            return Some(configured.clone());
        }
        let authority: Authority = authority?.parse().ok()?;
        let is_host = !authority.host().is_empty() && !authority.as_str().contains(['@', '{', '}']);
        is_host.then(|| Self { scheme: scheme.clone(), authority, path: String::new() })
    }

    /// Returns `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.scheme.as_str()
    }

    /// Returns the host, with the port where there is one.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Returns the path without a slash at its end; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Writes the URL without a slash at its end.
impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}
