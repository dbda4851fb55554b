//! Which addresses a request may go to.
//!
//! An input is an address such as `https://host` in a first line, and in the others what a
//! resolver says that its name leads to. Its bytes are taken for addresses, too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http::Uri;
use runner::network::addresses::refusal;
use runner::network::guard::{Guard, Target};
use url::Url;

use super::addresses::{as_c_reads, is_special};

/// Whom a configuration names itself.
const OWN: &str = "https://proxy.fabrikam.test:8443";

/// No address that is special gets through, in whatever form, unless it is the one that the
/// configuration names; and no other is refused.
pub fn check(data: &[u8]) {
    for bytes in data.as_chunks::<4>().0.iter().take(64) {
        alone(Ipv4Addr::from(*bytes).into());
    }
    for bytes in data.as_chunks::<16>().0.iter().take(16) {
        alone(Ipv6Addr::from(*bytes).into());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let addresses: Vec<IpAddr> =
        lines.take(32).filter_map(|line| line.trim().parse().ok()).collect();
    addresses.iter().copied().for_each(alone);
    if let Ok(uri) = first.parse::<Uri>()
        && let Some(target) = Target::of(&uri)
    {
        guarded(&uri, &target, &addresses);
    }
}

fn alone(address: IpAddr) {
    assert_eq!(refusal(address).is_some(), is_special(address), "{address}");
}

fn guarded(uri: &Uri, target: &Target, addresses: &[IpAddr]) {
    let own = Target::of(&Uri::from_static(OWN)).expect("an address");
    let guard = Guard::new(vec![own], Duration::from_secs(1));
    // Another parser's reading of it: the two must mean the same server.
    let read = Url::parse(&uri.to_string()).expect("what has a server is an address for others");
    let server = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
    let is_own = server(&read) == server(&Url::parse(OWN).expect("an address"));
    assert_eq!(Some(target.port), read.port_or_known_default());
    assert_eq!(target.plain, read.scheme() == "http");

    let host = uri.host().expect("a server").to_ascii_lowercase();
    if guard.check_unresolved(target).is_ok() && !is_own {
        if let Some(address) = literal(&host) {
            assert!(!is_special(address), "{host} is the address {address}");
        }
        let name = read.host_str().expect("a host").trim_end_matches('.').to_ascii_lowercase();
        assert!(name != "localhost" && !name.ends_with(".localhost"), "{host} is this machine");
    }

    let resolved = addresses.iter().map(|address| SocketAddr::new(*address, target.port)).collect();
    if let Ok(allowed) = guard.allowed(target, resolved) {
        assert!(!allowed.is_empty(), "let through to nowhere");
        for address in &allowed {
            assert!(is_own || !is_special(address.ip()), "{host} leads to {address}");
            assert!(!target.plain || address.ip().is_loopback(), "{address} without TLS");
            assert!(addresses.contains(&address.ip()), "{address} was not asked for");
        }
        if is_own && !target.plain {
            assert_eq!(allowed.len(), addresses.len());
        }
    }
}

/// The address that a host is, if it is one and not a name.
fn literal(host: &str) -> Option<IpAddr> {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    as_c_reads(host).map(IpAddr::from)
}
