//! The client of a request, and the address under which it knows the server: what the connection
//! shows or, behind trusted proxies, what they say (RFC 7239).

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::connections::config::{ForwardedHeader, ProxyConfig};

/// The header of RFC 7239.
const FORWARDED: HeaderName = http::header::FORWARDED;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The client of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Client {
    /// The address, which is that of a proxy if the proxy did not name the client.
    pub address: IpAddr,
    /// Whether the client speaks TLS, with the server or with a proxy.
    pub is_secure: bool,
    /// The host and port that a proxy was asked for.
    pub host: Option<String>,
}

/// A hop of a request: what a proxy says of the request that it received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hop {
    /// `None` if the proxy hides it, or calls it unknown.
    client: Option<IpAddr>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Client {
    /// Returns the client of a request that `peer` sent, over TLS or not.
    pub fn of(peer: SocketAddr, tls: bool, headers: &HeaderMap, proxies: &ProxyConfig) -> Self {
        let mut client = Self { address: peer.ip().to_canonical(), is_secure: tls, host: None };
        if proxies.trusts(client.address) {
            let hops = match proxies.header {
                ForwardedHeader::Forwarded => forwarded(headers),
                ForwardedHeader::XForwardedFor => x_forwarded(headers),
            };
            client.before(hops.unwrap_or_default(), proxies);
        }
        client
    }

    /// Follows the hops back from the last one, as far as trusted proxies tell of them.
    fn before(&mut self, hops: Vec<Hop>, proxies: &ProxyConfig) {
        for hop in hops.into_iter().rev() {
            if let Some(scheme) = hop.scheme {
                self.is_secure = scheme.eq_ignore_ascii_case("https");
            }
            self.host = hop.host.or(self.host.take());
            match hop.client {
                Some(address) => self.address = address.to_canonical(),
                None => return,
            }
            if !proxies.trusts(self.address) {
                return;
            }
        }
    }
}

/// Reads `Forwarded`; `None` if it is malformed.
fn forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let text = joined(headers, &FORWARDED)?;
    split(&text, ',')?.into_iter().filter(|hop| !hop.is_empty()).map(hop).collect()
}

/// Reads one element of `Forwarded`, such as `for=192.0.2.60;proto=http`.
fn hop(element: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    for pair in split(element, ';')?.into_iter().filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = unquoted(value)?;
        match name.to_ascii_lowercase().as_str() {
            "for" => hop.client = address(&value),
            "proto" => hop.scheme = Some(value),
            "host" => hop.host = Some(value),
            _ => {}
        }
    }
    Some(hop)
}

/// Reads the headers `X-Forwarded-*`, of which only the first has a value for each proxy.
fn x_forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let clients = joined(headers, &X_FORWARDED_FOR)?;
    let last = |name| {
        let values = joined(headers, &name).unwrap_or_default();
        let last = values.rsplit(',').next().unwrap_or_default().trim();
        (!last.is_empty()).then(|| last.to_owned())
    };
    let (scheme, host) = (last(X_FORWARDED_PROTO), last(X_FORWARDED_HOST));
    let hop = |client: &str| Hop { client: address(client.trim()), ..Hop::default() };
    let mut hops: Vec<Hop> = clients.split(',').map(hop).collect();
    if let Some(last) = hops.last_mut() {
        (last.scheme, last.host) = (scheme, host);
    }
    Some(hops)
}

/// Returns all values of a header as one list; `None` if one of them is no text.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Result<Vec<&str>, _> =
        headers.get_all(name).iter().map(|value| value.to_str()).collect();
    values.ok().map(|values| values.join(","))
}

/// Splits a list at each `separator` outside quotes; `None` if a quote does not end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|sign: char| {
        let is_escaped = std::mem::take(&mut escaped);
        match sign {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        sign == separator && !quoted
    });
    let parts = parts.map(str::trim).collect();
    (!quoted).then_some(parts)
}

/// Returns a token as it is, and the content of a quoted string.
fn unquoted(value: &str) -> Option<String> {
    let Some(content) = value.strip_prefix('"') else {
        return (!value.is_empty() && !value.contains('"')).then(|| value.to_owned());
    };
    let content = content.strip_suffix('"')?;
    let (mut text, mut signs) = (String::new(), content.chars());
    while let Some(sign) = signs.next() {
        text.push(if sign == '\\' { signs.next()? } else { sign });
    }
    Some(text)
}

/// Reads an address with or without a port; an IPv6 address with a port is in brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|node| node.split_once(']'));
    let plain = || node.parse().ok().or_else(|| node.parse().ok().map(|it: SocketAddr| it.ip()));
    match bare {
        Some((address, _)) => address.parse().ok(),
        None => plain(),
    }
}
