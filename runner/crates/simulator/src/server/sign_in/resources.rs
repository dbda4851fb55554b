//! The resources that tokens are for: Graph under each of its names.

use url::Url;

use crate::server::Ports;

/// Graph's URLs in each cloud, and its application id.
const GRAPH: [&str; 5] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

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
        GRAPH.first().copied().unwrap_or_default()
    }

    /// Returns whether `name` is Graph, in a cloud or on this server.
    pub fn has(&self, name: &str) -> bool {
        GRAPH.contains(&name) || name.eq_ignore_ascii_case(self.base) || self.is_here(name)
    }

    fn is_here(&self, name: &str) -> bool {
        let Ok(url) = Url::parse(name) else { return false };
        let port = match url.scheme() {
            "http" => self.ports.http,
            "https" => self.ports.https,
            _ => return false,
        };
        matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
            && url.port_or_known_default() == Some(port)
            && url.origin().ascii_serialization().eq_ignore_ascii_case(name)
    }
}
