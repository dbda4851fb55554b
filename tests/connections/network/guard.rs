//! Which addresses a request may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Redirect;
use proptest::prelude::{any, proptest};
use runner::egress::HttpError;
use runner::network::Client;
use runner::network::addresses::{Reason, refusal};

use super::certificates::{Authority, HTTP2};
use super::server::Server;
use super::wire::Wire;
use super::{fault, get, options};

/// Addresses that are refused, each at an edge of its network or in a form that embeds it.
const REFUSED: [(&str, Reason); 81] = [
    ("127.0.0.1", Reason::Loopback),
    ("127.255.255.255", Reason::Loopback),
    ("10.0.0.0", Reason::Private),
    ("10.255.255.255", Reason::Private),
    ("172.16.0.0", Reason::Private),
    ("172.31.255.255", Reason::Private),
    ("192.168.0.0", Reason::Private),
    ("192.168.255.255", Reason::Private),
    ("169.254.0.0", Reason::LinkLocal),
    ("169.254.255.255", Reason::LinkLocal),
    ("169.254.169.254", Reason::Metadata),
    ("100.100.100.200", Reason::Metadata),
    ("168.63.129.16", Reason::Metadata),
    ("100.64.0.0", Reason::Shared),
    ("100.127.255.255", Reason::Shared),
    ("0.0.0.0", Reason::Unspecified),
    ("0.255.255.255", Reason::Unspecified),
    ("192.0.0.8", Reason::Reserved),
    ("192.88.99.1", Reason::Reserved),
    ("192.0.2.1", Reason::Documentation),
    ("198.51.100.1", Reason::Documentation),
    ("203.0.113.255", Reason::Documentation),
    ("198.18.0.0", Reason::Benchmarking),
    ("198.19.255.255", Reason::Benchmarking),
    ("224.0.0.0", Reason::Multicast),
    ("239.255.255.255", Reason::Multicast),
    ("240.0.0.0", Reason::Reserved),
    ("255.255.255.255", Reason::Reserved),
    ("::", Reason::Unspecified),
    ("::1", Reason::Loopback),
    ("fc00::1", Reason::Private),
    ("fdff:ffff::1", Reason::Private),
    ("fd00:ec2::254", Reason::Metadata),
    ("fe80::1", Reason::LinkLocal),
    ("febf:ffff::1", Reason::LinkLocal),
    ("fec0::1", Reason::Private),
    ("feff:ffff::1", Reason::Private),
    ("ff02::1", Reason::Multicast),
    ("2001:db8::1", Reason::Documentation),
    ("3fff::1", Reason::Documentation),
    ("2001:2::1", Reason::Benchmarking),
    ("2001:10::1", Reason::Reserved),
    ("2001:2f:ffff::1", Reason::Reserved),
    ("100::1", Reason::Reserved),
    ("4000::1", Reason::Reserved),
    ("5f00::1", Reason::Reserved),
    // IPv4-mapped.
    ("::ffff:127.0.0.1", Reason::Loopback),
    ("::ffff:10.0.0.1", Reason::Private),
    ("::ffff:172.16.0.1", Reason::Private),
    ("::ffff:192.168.0.1", Reason::Private),
    ("::ffff:169.254.169.254", Reason::Metadata),
    ("::ffff:168.63.129.16", Reason::Metadata),
    ("::ffff:100.100.100.200", Reason::Metadata),
    ("::ffff:100.64.0.1", Reason::Shared),
    ("::ffff:0.0.0.0", Reason::Unspecified),
    // IPv4-compatible and IPv4-translated.
    ("::127.0.0.1", Reason::Loopback),
    ("::10.0.0.1", Reason::Private),
    ("::169.254.169.254", Reason::Metadata),
    ("::ffff:0:127.0.0.1", Reason::Loopback),
    ("::ffff:0:169.254.169.254", Reason::Metadata),
    // NAT64, by its well-known prefix and by a network's own.
    ("64:ff9b::127.0.0.1", Reason::Loopback),
    ("64:ff9b::10.0.0.1", Reason::Private),
    ("64:ff9b::192.168.0.1", Reason::Private),
    ("64:ff9b::169.254.169.254", Reason::Metadata),
    ("64:ff9b::100.100.100.200", Reason::Metadata),
    ("64:ff9b:1::10.0.0.1", Reason::Private),
    ("64:ff9b:1:ffff::20.190.128.1", Reason::Private),
    ("64:ff9b:2::20.190.128.1", Reason::Reserved),
    // 6to4 of 127.0.0.1, 10.0.0.1, 192.168.0.1, 169.254.169.254, 168.63.129.16.
    ("2002:7f00:1::1", Reason::Loopback),
    ("2002:a00:1::1", Reason::Private),
    ("2002:c0a8:1::", Reason::Private),
    ("2002:a9fe:a9fe::1", Reason::Metadata),
    ("2002:a83f:8110::1", Reason::Metadata),
    ("2002:6464:64c8::", Reason::Metadata),
    // Teredo, by its server: 127.0.0.1, 169.254.169.254; by its client: 10.0.0.1,
    // 127.0.0.1, 169.254.169.254, 192.168.0.1.
    ("2001:0:7f00:1::eb41:7ffe", Reason::Loopback),
    ("2001:0:a9fe:a9fe::eb41:7ffe", Reason::Metadata),
    ("2001:0:14be:8001::f5ff:fffe", Reason::Private),
    ("2001:0:14be:8001::80ff:fffe", Reason::Loopback),
    ("2001:0:14be:8001::5601:5601", Reason::Metadata),
    ("2001:0:14be:8001::3f57:fffe", Reason::Private),
    ("2001:0:14be:8001:ffff:ffff:3f57:fffe", Reason::Private),
];

/// Public addresses, each next to a network that is refused or in a form that embeds it.
const PUBLIC: [&str; 31] = [
    "20.190.128.1",
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.101.0",
    "203.0.114.0",
    "223.255.255.255",
    "2603:1026:3000::1",
    "2000::1",
    "2001:db9::1",
    "2001:4860::1",
    "::ffff:20.190.128.1",
    "64:ff9b::20.190.128.1",
    "2002:14be:8001::1",
    "2001:0:14be:8001::eb41:7ffe",
];

proptest! {
    /// Whatever the form, the IPv4 address within decides.
    #[test]
    fn an_embedded_address_is_judged_as_itself(bits in any::<u32>()) {
        let address = Ipv4Addr::from_bits(bits);
        let [a, b, c, d] = address.octets().map(u16::from);
        let (high, low) = ((a << 8) | b, (c << 8) | d);
        let expected = refusal(IpAddr::V4(address));
        // The other address of Teredo's two is a public one: 20.190.128.1.
        for form in [
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0x14be, 0x8001, 0, 0, !high, !low),
            Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !0x14be, !0x8001),
        ] {
            assert_eq!(refusal(IpAddr::V6(form)), expected, "{form}");
        }
    }
}

/// A client that may reach one address of its own, which is not what it is asked for.
fn client() -> Client {
    let mut options = options(["https://127.0.0.1:9/v1.0"]);
    options.timeouts.connect = Duration::from_secs(2);
    Client::new(&options).unwrap()
}

#[test]
fn the_table_of_addresses() {
    for (address, reason) in REFUSED {
        let parsed: IpAddr = address.parse().unwrap();
        assert_eq!(refusal(parsed), Some(reason), "{address}");
    }
    for address in PUBLIC {
        let parsed: IpAddr = address.parse().unwrap();
        assert_eq!(refusal(parsed), None, "{address}");
    }
}

#[tokio::test]
async fn no_literal_of_a_refused_address_is_connected_to() {
    let client = client();
    for (address, reason) in REFUSED {
        let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        let fault = fault(get(&client, &format!("https://{host}/")).await);
        assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{address}: {fault:?}");
        let said = reason.to_string();
        assert!(fault.message.contains(&said), "{address}: {}", fault.message);
        assert!(fault.fix.unwrap().contains("graph-url"));
    }
}

#[tokio::test]
async fn every_way_to_write_a_private_address_is_refused() {
    let authority = Authority::new();
    let server = Server::start(&authority.sign("127.0.0.1")).await;
    let mut options = options(["https://127.0.0.1:9/v1.0"]);
    options.trust = authority.trust();
    let client = Client::new(&options).unwrap();
    let port = server.address().port();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "localhost",
        "LocalHost",
        "localhost.",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:FFFF:7F00:0001]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}:{port}/");
            let fault = fault(get(&client, &url).await);
            assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{url}: {fault:?}");
        }
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn what_is_no_address_of_a_server_is_refused() {
    let client = client();
    for url in [
        "https://user@graph.contoso.com/",
        "https://user:word@127.0.0.1:9/",
        "https://graph.contoso.com:/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.a]/",
        "ftp://graph.contoso.com/",
        "/v1.0/users",
        "graph.contoso.com:443",
        "https://256.256.256.256/",
        "https://1.2.3.4.5/",
    ] {
        let Ok(request) = http::Request::get(url).body(Default::default()) else { continue };
        let fault = fault(client.send(request).await);
        assert!(matches!(fault.http, HttpError::HttpRequestUriInvalid), "{url}: {fault:?}");
        assert!(!fault.message.contains("word"), "{}", fault.message);
    }
}

#[tokio::test]
async fn the_connections_own_address_may_be_private_and_nothing_beside_it() {
    let authority = Authority::new();
    let own = Server::start(&authority.sign("127.0.0.1")).await;
    let other = Server::start(&authority.sign("127.0.0.1")).await;
    let mut options = options([own.url()]);
    options.trust = authority.trust();
    let client = Client::new(&options).unwrap();
    assert_eq!(get(&client, &own.url()).await.unwrap().0, 200);
    // Another path of the same server is another matter, which the policy decides.
    assert_eq!(get(&client, &own.url().replace("v1.0", "beta")).await.unwrap().0, 200);
    let port = own.address().port();
    for url in [
        other.url(),
        format!("https://localhost:{port}/v1.0"),
        format!("https://[::ffff:127.0.0.1]:{port}/v1.0"),
        format!("https://127.0.0.2:{port}/v1.0"),
        "https://127.0.0.1/v1.0".to_owned(),
    ] {
        let fault = fault(get(&client, &url).await);
        assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{url}: {fault:?}");
    }
    assert_eq!((own.accepted(), other.accepted()), (1, 0));
}

#[tokio::test]
async fn a_name_of_this_machine_is_refused_unless_it_is_the_connections_own() {
    let server = Wire::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let url = format!("http://localhost:{}/v1.0", server.address().port());
    let refused = fault(get(&client(), &url).await);
    assert!(matches!(refused.http, HttpError::DestinationIpProhibited), "{refused:?}");
    assert!(refused.message.starts_with("localhost is a machine's name for itself"), "{refused}");
    assert_eq!(server.accepted(), 0);
    let client = Client::new(&options([&url])).unwrap();
    assert_eq!(get(&client, &url).await.unwrap(), (200, "ok".into()));
    // The name is its own, and not the address behind it.
    let refused = fault(get(&client, &server.url()).await);
    assert!(matches!(refused.http, HttpError::DestinationIpProhibited), "{refused:?}");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn without_tls_no_other_machine_is_reached() {
    let client = Client::new(&options(["http://10.0.0.1/v1.0"])).unwrap();
    let begin = Instant::now();
    for url in ["http://10.0.0.1/v1.0", "http://20.190.128.1/v1.0", "http://[2603:1026::1]/"] {
        let fault = fault(get(&client, url).await);
        assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{url}: {fault:?}");
        assert!(fault.message.contains("another machine"), "{fault}");
    }
    assert!(begin.elapsed() < Duration::from_secs(2), "nothing was tried");
}

#[tokio::test]
async fn a_redirect_is_the_guests_to_follow_and_leads_no_further() {
    let authority = Authority::new();
    let identity = authority.sign("127.0.0.1");
    let inner = Server::start(&identity).await;
    let location = inner.url();
    let redirect = move || async move { Redirect::temporary(&location) };
    let server = Server::speaking(&identity, HTTP2, Router::new().fallback(redirect)).await;
    let mut options = options([server.url()]);
    options.trust = authority.trust();
    let client = Client::new(&options).unwrap();
    let request = http::Request::get(server.url()).body(Default::default()).unwrap();
    let response = client.send(request).await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(inner.accepted(), 0, "it was not followed");
    let location = response.headers()["location"].to_str().unwrap();
    let fault = fault(get(&client, location).await);
    assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{fault:?}");
    assert_eq!(inner.accepted(), 0);
}
