//! The resources that tokens are for: Graph under each of its names.

use url::Url;

use crate::server::Ports;
use crate::server::hosts::{Cloud, LOCAL};

/// Graph's URL in the worldwide cloud.
const GRAPH: &str = "https://graph.microsoft.com";

/// Graph's application id.
const APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

/// The names that a request may give to Graph.
#[derive(Clone, Copy, Debug)]
pub struct Resources<'a> {
    /// The server's URL in the request.
    pub base: &'a str,
    /// The ports of the server. Clients that need HTTPS to sign in may call Graph over HTTP.
    pub ports: Ports,
}

impl Resources<'_> {
    /// The resource of scopes that name none.
    pub fn unnamed() -> &'static str {
        GRAPH
    }

    /// Returns whether `name` is Graph, in a cloud or on this server.
    pub fn has(&self, name: &str) -> bool {
        let of_cloud = |host: &str| Cloud::ALL.into_iter().any(|cloud| cloud.graph() == host);
        name == APPLICATION
            || name.strip_prefix("https://").is_some_and(of_cloud)
            || name.eq_ignore_ascii_case(self.base)
            || self.is_here(name)
    }

    fn is_here(&self, name: &str) -> bool {
        let Ok(url) = Url::parse(name) else { return false };
        let port = match url.scheme() {
            "http" => self.ports.http,
            "https" => self.ports.https,
            _ => return false,
        };
        url.host_str().is_some_and(|host| LOCAL.contains(&host))
            && url.port_or_known_default() == Some(port)
            && url.origin().ascii_serialization().eq_ignore_ascii_case(name)
    }
}
