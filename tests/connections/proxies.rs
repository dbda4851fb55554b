//! The proxies that the environment names, as the binary takes them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::tenant::{SECRET, Settings, Tenant, Tls};
use support::Call;

const SKU: &str = "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// A proxy that notes who is asked for, and connects to it. It lasts as long as the tests.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, noted) = (stream.unwrap(), Arc::clone(&noted));
                thread::spawn(move || tunnel(stream, &noted));
            }
        });
        Self { address, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, noted: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    noted.lock().unwrap().push(head.clone());
    let place = head.split(' ').nth(1).unwrap();
    let mut server = TcpStream::connect(place).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    // Either may hang up first.
    let _ = std::io::copy(&mut client, &mut server);
}

fn tenant() -> Tenant {
    Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        tls: Some(Tls::PrivateAuthority),
        ..Settings::default()
    })
}

/// A call with these variables, and no others of their kind.
fn call(tenant: &Tenant, variables: &[(&str, &str)]) -> Call {
    let lines = format!("{SECRET}\nca-certificates = [\"authority.pem\"]");
    let arguments = ["run", "is-license-available", SKU, "--json"];
    let call = tenant.o365(&arguments, &lines);
    variables.iter().fold(call, |call, (variable, value)| call.env(variable, value))
}

#[test]
fn sign_in_and_graph_go_through_the_proxy_of_the_environment() {
    let tenant = tenant();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::start();
        let url = format!("http://ann:s3cret@{}", proxy.address);
        // One that is empty is as one that is not set.
        let ended = call(&tenant, &[("HTTPS_PROXY", ""), (variable, &url)]).run();
        assert_eq!(ended.result(), true, "{variable}");
        let heads = proxy.heads();
        let connect = format!("CONNECT {} HTTP/1.1\r\n", tenant.address());
        assert!(!heads.is_empty(), "{variable} leads there");
        assert!(heads.iter().all(|head| head.starts_with(&connect)), "{heads:?}");
        assert!(heads.iter().all(|head| !head.contains("Bearer")), "{heads:?}");
        assert!(heads[0].contains("YW5uOnMzY3JldA=="), "{heads:?}");
    }
}

#[test]
fn the_more_specific_variable_counts_and_no_proxy_goes_around_all() {
    let tenant = tenant();
    let (proxy, other) = (Proxy::start(), Proxy::start());
    let [url, elsewhere] = [&proxy, &other].map(|proxy| format!("http://{}", proxy.address));
    let both = [("HTTPS_PROXY", &*url), ("ALL_PROXY", &elsewhere), ("HTTP_PROXY", &elsewhere)];
    assert_eq!(call(&tenant, &both).run().result(), true);
    let before = proxy.heads().len();
    assert_ne!(before, 0);
    for variable in ["NO_PROXY", "no_proxy"] {
        for except in ["127.0.0.1", "*", "fabrikam.com,127.0.0.0/8", "fabrikam.com 127.0.0.1"] {
            let ended = call(&tenant, &[both[0], both[1], (variable, except)]).run();
            assert_eq!(ended.result(), true);
        }
    }
    assert_eq!((proxy.heads().len(), other.heads().len()), (before, 0));
    // Beside others `*` is a name that nobody has, and small letters come first, as with curl.
    let ended = call(&tenant, &[both[0], ("NO_PROXY", "fabrikam.com,*")]).run();
    assert_eq!(ended.result(), true);
    assert!(proxy.heads().len() > before);
    let before = proxy.heads().len();
    let small = [both[0], ("NO_PROXY", "fabrikam.com"), ("no_proxy", "127.0.0.1")];
    assert_eq!(call(&tenant, &small).run().result(), true);
    assert_eq!(proxy.heads().len(), before);
    assert_eq!(call(&tenant, &[both[0], ("https_proxy", &elsewhere)]).run().result(), true);
    assert_eq!(proxy.heads().len(), before);
    assert!(!other.heads().is_empty());
}

#[test]
fn a_proxy_that_cannot_be_used_is_an_error_before_anything_is_sent() {
    let tenant = tenant();
    for (variable, url) in [
        ("HTTPS_PROXY", "socks5://ann:s3cret@127.0.0.1:9"),
        ("https_proxy", "https://ann:s3cret@127.0.0.1:9"),
        ("all_proxy", "http://ann:s3cret@"),
    ] {
        let ended = call(&tenant, &[(variable, url)]).run();
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
        let message = ended.error()["message"].to_string();
        assert!(message.contains(&format!("the proxy in {variable} cannot be used")), "{message}");
    }
    assert!(tenant.seen().is_empty());
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let tenant = tenant();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://ann:s3cret@127.0.0.1:{port}");
    let ended = call(&tenant, &[("HTTPS_PROXY", &url)]).run();
    assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    let error = ended.error().to_string();
    assert!(error.contains(&format!("the proxy: 127.0.0.1 on port {port}")), "{error}");
    assert!(tenant.seen().is_empty());
}
