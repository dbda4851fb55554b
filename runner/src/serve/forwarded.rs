//! The client of a request, and the address under which it knows the server: what the connection
//! shows or, behind trusted proxies, what they say (RFC 7239).

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};

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
            match proxies.header {
                ForwardedHeader::Forwarded => client.before(forwarded(headers), proxies),
                ForwardedHeader::XForwardedFor => client.before(x_forwarded(headers), proxies),
            }
        }
        client
    }

    /// Follows the hops back from the last one, as far as trusted proxies tell of them.
    fn before(&mut self, hops: impl Iterator<Item = Hop>, proxies: &ProxyConfig) {
        for hop in hops {
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

/// Reads `Forwarded` from its end, up to what is malformed: proxies add to the end, and what is
/// before may be the client's.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    let elements = from_the_end(headers, FORWARDED, split);
    let elements = elements.filter(|element| element.is_none_or(|element| !element.is_empty()));
    elements.map_while(|element| hop(element?))
}

/// Reads one element of `Forwarded`, such as `for=192.0.2.60;proto=http`.
fn hop(element: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    for pair in split(element, ';').into_iter().filter(|pair| !pair.is_empty()) {
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

/// Reads the headers `X-Forwarded-*` from their ends. The values of the same place from the end are
/// of the same proxy.
fn x_forwarded(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    let list =
        |name| from_the_end(headers, name, |text, separator| text.split(separator).collect());
    let (clients, mut schemes, mut hosts) =
        (list(X_FORWARDED_FOR), list(X_FORWARDED_PROTO), list(X_FORWARDED_HOST));
    clients.map(move |client| {
        let text = |value: Option<Option<&str>>| {
            value.flatten().map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        Hop {
            client: client.and_then(|client| address(client.trim())),
            scheme: text(schemes.next()),
            host: text(hosts.next()),
        }
    })
}

/// Returns the elements of a list in a header, the last one first; `None` for one that is no text.
fn from_the_end<'h>(
    headers: &'h HeaderMap,
    name: HeaderName,
    split: impl Fn(&'h str, char) -> Vec<&'h str>,
) -> impl Iterator<Item = Option<&'h str>> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    let elements = |line: &'h HeaderValue| -> Vec<Option<&'h str>> {
        let bytes = line.as_bytes();
        // What is before the last byte that is no text is not read.
        let text = bytes.iter().rposition(|byte| !byte.is_ascii()).map_or(0, |last| last + 1);
        let (before, text) = bytes.split_at_checked(text).unwrap_or((bytes, &[]));
        let mut elements: Vec<_> = split(std::str::from_utf8(text).unwrap_or_default(), ',')
            .into_iter()
            .map(Some)
            .collect();
        if !before.is_empty() {
            // The first one is the end of an element that is no text.
            elements.first_mut().map(Option::take);
        }
        elements.reverse();
        elements
    };
    lines.into_iter().rev().flat_map(elements).collect::<Vec<_>>().into_iter()
}

/// Splits a list at each `separator` outside quotes, as they are seen from the end: what is before
/// may have a quote too many.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut parts, mut end) = (false, Vec::new(), text.len());
    for (at, sign) in text.char_indices().rev() {
        // Only at a quote, so that a long row of backslashes is not counted for each of them.
        if sign == '"' {
            quoted ^= !is_escaped(text.get(..at).unwrap_or_default());
        } else if sign == separator && !quoted {
            parts.push(text.get(at + 1..end).unwrap_or_default().trim());
            end = at;
        }
    }
    parts.push(text.get(..end).unwrap_or_default().trim());
    parts.reverse();
    parts
}

/// Returns whether the character after `before` is escaped.
fn is_escaped(before: &str) -> bool {
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    !backslashes.is_multiple_of(2)
}

/// Returns a token as it is, and the content of a quoted string.
pub(super) fn unquoted(value: &str) -> Option<String> {
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
