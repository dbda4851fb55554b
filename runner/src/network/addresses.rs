//! The addresses that no request may reach.
//!
//! Source: IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and
//! its updates), and the clouds' documentation of their metadata services. IPv6 addresses
//! outside 2000::/3 are not on the public internet, and are refused.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// The local link.
    LinkLocal,
    /// A cloud's metadata service, which issues credentials.
    Metadata,
    /// A provider's network behind its address translation (RFC 6598).
    Shared,
    /// No specific host; many systems connect to this machine.
    Unspecified,
    /// A multicast group.
    Multicast,
    /// Examples in documentation.
    Documentation,
    /// Network benchmarks.
    Benchmarking,
    /// Not assigned to the public internet.
    Reserved,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "this machine's own",
            Self::Private => "a private network's",
            Self::LinkLocal => "a link-local one",
            Self::Metadata => "a cloud's metadata service",
            Self::Shared => "a provider's internal one",
            Self::Unspecified => "no host's in particular",
            Self::Multicast => "a multicast one",
            Self::Documentation => "one for documentation only",
            Self::Benchmarking => "one for benchmarks only",
            Self::Reserved => "a reserved one",
        })
    }
}

/// Network, prefix length and reason. The first match applies.
const IPV4: [(Ipv4Addr, u32, Reason); 18] = [
    (Ipv4Addr::new(169, 254, 169, 254), 32, Reason::Metadata),
    // Alibaba Cloud's, within the shared range.
    (Ipv4Addr::new(100, 100, 100, 200), 32, Reason::Metadata),
    // Azure's, which looks public.
    (Ipv4Addr::new(168, 63, 129, 16), 32, Reason::Metadata),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Reason::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Reason::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Reason::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Reason::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Reason::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Reason::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Reason::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Reason::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Reason::Reserved),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Reason::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Reason::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Reason::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Reason::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Reason::Multicast),
    // Includes the broadcast address.
    (Ipv4Addr::new(240, 0, 0, 0), 4, Reason::Reserved),
];

/// The table for IPv6.
const IPV6: [(Ipv6Addr, u32, Reason); 13] = [
    // AWS's, within the unique local range.
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, Reason::Metadata),
    (Ipv6Addr::UNSPECIFIED, 128, Reason::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, Reason::Loopback),
    // Local NAT64: the position of the IPv4 address depends on the network.
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Reason::Private),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Reason::Benchmarking),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Reason::Documentation),
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28, Reason::Reserved),
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28, Reason::Reserved),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Reason::Documentation),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Reason::Private),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Reason::LinkLocal),
    // Site-local, long deprecated.
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Reason::Private),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Reason::Multicast),
];

/// The part of IPv6 that is on the public internet.
const PUBLIC_IPV6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Returns why `address` is refused; `None` for a public address.
///
/// An IPv6 address that embeds IPv4 addresses is refused if one of these is.
pub fn refusal(address: IpAddr) -> Option<Reason> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<Reason> {
    IPV4.iter()
        .find(|(network, length, _)| same_prefix_v4(*network, address, *length))
        .map(|(.., reason)| *reason)
}

fn refusal_v6(address: Ipv6Addr) -> Option<Reason> {
    let listed = IPV6.iter().find(|(network, length, _)| same_prefix(*network, address, *length));
    if let Some((.., reason)) = listed {
        return Some(*reason);
    }
    match embedded(address) {
        Some(embedded) => embedded.into_iter().flatten().find_map(refusal_v4),
        None => {
            let (public, length) = PUBLIC_IPV6;
            (!same_prefix(public, address, length)).then_some(Reason::Reserved)
        }
    }
}

/// Returns the one or two IPv4 addresses that `address` embeds, if it does.
fn embedded(address: Ipv6Addr) -> Option<[Option<Ipv4Addr>; 2]> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    // The interface identifier of ISATAP (RFC 5214), in any network.
    let interface = if let [0 | 0x200, 0x5efe] = [e, f] { join(g, h) } else { None };
    match [a, b, c, d, e, f] {
        // IPv4-mapped, IPv4-translated (RFC 2765), and IPv4-compatible.
        [0, 0, 0, 0, 0, 0xffff | 0] | [0, 0, 0, 0, 0xffff, 0] => Some([join(g, h), None]),
        // NAT64 (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0] => Some([join(g, h), None]),
        // 6to4 (RFC 3056).
        [0x2002, ..] => Some([join(b, c), interface]),
        // Teredo (RFC 4380): the server, and the client with its bits inverted.
        [0x2001, 0, ..] => Some([join(c, d), join(!g, !h)]),
        [0x2000..=0x3fff, ..] if interface.is_some() => Some([interface, None]),
        _ => None,
    }
}

fn same_prefix_v4(network: Ipv4Addr, address: Ipv4Addr, length: u32) -> bool {
    (network.to_bits() ^ address.to_bits()).leading_zeros() >= length
}

fn same_prefix(network: Ipv6Addr, address: Ipv6Addr, length: u32) -> bool {
    (network.to_bits() ^ address.to_bits()).leading_zeros() >= length
}
