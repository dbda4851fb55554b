//! Through a proxy, around it, and what is wrong with one.

use std::net::SocketAddr;

use runner::egress::HttpError;
use runner::network::{Client, ClientOptions, Proxies, Timeouts};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::certificates::Authority;
use super::server::Server;
use super::wire::{Wire, closed_port};
use super::{SHORT, fault, get, options, patient};

/// A name that only the proxy knows.
const NAME: &str = "https://graph.contoso.com/v1.0";

/// A proxy that leads everyone who asks to `server`.
async fn proxy(server: SocketAddr) -> Wire {
    Wire::start(move |mut stream, _, heads| async move {
        heads.read(&mut stream).await?;
        let mut server = TcpStream::connect(server).await?;
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        copy_bidirectional(&mut stream, &mut server).await.map(drop)
    })
    .await
}

fn at(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// A server whose name only the proxy knows.
struct Behind {
    server: Server,
    proxy: Wire,
    authority: Authority,
}

impl Behind {
    async fn start() -> Self {
        let authority = Authority::new();
        let server = Server::start(&authority.sign("graph.contoso.com")).await;
        let proxy = proxy(server.address()).await;
        Self { server, proxy, authority }
    }

    fn client(&self, proxies: Proxies) -> Client {
        let trust = self.authority.trust();
        Client::new(&ClientOptions { trust, proxies, ..options([self.server.url()]) }).unwrap()
    }
}

#[tokio::test]
async fn requests_go_through_the_proxy_which_resolves_the_name() {
    let behind = Behind::start().await;
    let client = behind.client(Proxies::all(at(behind.proxy.address()), ""));
    for _ in 0..3 {
        assert_eq!(get(&client, NAME).await.unwrap().0, 200);
    }
    let heads = behind.proxy.heads();
    assert_eq!(heads.len(), 1, "the tunnel is kept");
    assert!(heads[0].starts_with("CONNECT graph.contoso.com:443 HTTP/1.1\r\n"), "{heads:?}");
    assert!(!heads[0].to_lowercase().contains("proxy-authorization"), "{heads:?}");
    let seen = behind.server.seen();
    assert_eq!((seen.len(), behind.server.accepted()), (3, 1));
    assert!(seen.iter().all(|seen| seen.version == http::Version::HTTP_2));
    assert!(seen.iter().all(|seen| seen.authority == "graph.contoso.com"), "{seen:?}");
}

#[tokio::test]
async fn the_proxys_password_goes_to_the_proxy_and_nowhere_else() {
    let behind = Behind::start().await;
    let url = format!("http://ann:s3cret@{}", behind.proxy.address());
    let proxies = Proxies::all(url, "");
    assert!(!format!("{proxies:?}").contains("s3cret"), "{proxies:?}");
    get(&behind.client(proxies), NAME).await.unwrap();
    let head = behind.proxy.heads().remove(0).to_lowercase();
    // `ann:s3cret` in base64, in lower case.
    assert!(head.contains("proxy-authorization: basic yw5uonmzy3jlda==\r\n"), "{head}");
    assert!(!behind.server.seen()[0].headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn the_guard_holds_before_the_proxy_too() {
    let behind = Behind::start().await;
    let client = behind.client(Proxies::all(at(behind.proxy.address()), ""));
    for host in [
        "127.0.0.1",
        "2130706433",
        "10.0.0.1",
        "169.254.169.254",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "graph.localhost",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "[fd00:ec2::254]",
    ] {
        let fault = fault(get(&client, &format!("https://{host}/")).await);
        assert!(matches!(fault.http, HttpError::DestinationIpProhibited), "{host}: {fault:?}");
    }
    assert_eq!(behind.proxy.accepted(), 0);
    // The connection's own address may be private here as well. Its name is another one
    // than the certificate's, so that the handshake fails, through the proxy.
    let fault = fault(get(&client, &behind.server.url()).await);
    assert!(matches!(fault.http, HttpError::TlsCertificateError), "{fault:?}");
    assert_eq!(behind.proxy.accepted(), 1);
}

#[tokio::test]
async fn no_proxy_and_plain_http_go_around_it() {
    let authority = Authority::new();
    let server = Server::start(&authority.sign("127.0.0.1")).await;
    let plain = Wire::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let proxy = proxy(server.address()).await;
    let ask = async |url: String, except: &str| {
        let proxies = Proxies::all(at(proxy.address()), except);
        let trust = authority.trust();
        let client = Client::new(&ClientOptions { trust, proxies, ..options([&url]) }).unwrap();
        assert_eq!(get(&client, &url).await.unwrap().0, 200);
        proxy.accepted()
    };
    assert_eq!(ask(plain.url(), "").await, 0);
    for except in ["127.0.0.1", "*", "fabrikam.com, 127.0.0.0/8"] {
        assert_eq!(ask(server.url(), except).await, 0, "{except}");
    }
    assert_eq!(ask(server.url(), "fabrikam.com,127.0.0.2").await, 1);
}

/// Holds what is done with each list, asked for a URL, against what curl 7.88.1 does: whether
/// it goes around the proxy.
async fn reads_as_curl(url: &str, around: &[&str], through: &[&str]) {
    let refusing = Wire::saying("HTTP/1.1 403 Forbidden\r\n\r\n").await;
    let ask = async |except: &str| {
        let proxies = Proxies::all(at(refusing.address()), except);
        let client = Client::new(&ClientOptions { proxies, ..options([url]) }).unwrap();
        let before = refusing.accepted();
        // Around the proxy nobody answers either.
        let fault = fault(get(&client, url).await);
        let asked = refusing.accepted() > before;
        assert_eq!(asked, fault.message.contains("the proxy"), "{except}: {fault}");
        !asked
    };
    for except in around {
        assert!(ask(except).await, "{except:?} goes around for {url}");
    }
    for except in through {
        assert!(!ask(except).await, "{except:?} does not go around for {url}");
    }
}

#[tokio::test]
async fn no_proxy_names_hosts_as_curl_reads_it() {
    let graph = format!("https://graph.contoso.invalid:{}/", closed_port().await);
    let around = [
        "*",
        "contoso.invalid",
        ".contoso.invalid",
        "CONTOSO.invalid",
        "graph.contoso.invalid",
        ".graph.contoso.invalid",
        "contoso.invalid.",
        ".contoso.invalid.",
        "graph.contoso.invalid.",
        "fabrikam.com contoso.invalid",
        "fabrikam.com\tcontoso.invalid",
        "fabrikam.com , contoso.invalid",
        "fabrikam.com,,contoso.invalid",
        " contoso.invalid",
        ",contoso.invalid",
    ];
    let through = [
        "",
        " *",
        "* ",
        "fabrikam.com,*",
        "*,fabrikam.com",
        "*.contoso.invalid",
        "oso.invalid",
        "..contoso.invalid",
        "contoso.invalid..",
        ".",
        "127.0.0.1",
        "graph.contoso.invalid:443",
        "fabrikam.com;contoso.invalid",
        "fabrikam.com\ncontoso.invalid",
        "contoso.invalid\n",
    ];
    reads_as_curl(&graph, &around, &through).await;
    let rooted = graph.replace("invalid", "invalid.");
    let (around, through) =
        (["contoso.invalid", "graph.contoso.invalid."], ["fabrikam.com", "* x"]);
    reads_as_curl(&rooted, &around, &through).await;
}

#[tokio::test]
async fn no_proxy_names_addresses_as_curl_reads_it() {
    let address = format!("https://127.0.0.1:{}/", closed_port().await);
    let around = [
        "127.0.0.1",
        "127.0.0.0/8",
        "127.5.5.5/8",
        "127.0.0.1/0",
        "127.0.0.1/",
        "127.0.0.1/32",
        "10.0.0.0/8 127.0.0.1",
    ];
    let through = [
        "127.0.0.1:443",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "127.0.0.1/33",
        "0.0.1",
        ".0.0.1",
        "127.0.0",
        "127.0.0.1.",
        "*,10.0.0.1",
    ];
    reads_as_curl(&address, &around, &through).await;
}

#[tokio::test]
async fn a_proxy_that_does_not_let_through_is_named() {
    for (answer, words, fix) in [
        ("407 Proxy Authentication Required", "requires a name and a password", "name:password@"),
        ("403 Forbidden", "does not connect to graph.contoso.com", "NO_PROXY"),
        ("502 Bad Gateway", "does not connect to graph.contoso.com", "NO_PROXY"),
    ] {
        let refusing = Wire::saying(format!("HTTP/1.1 {answer}\r\n\r\n")).await;
        let url = format!("http://ann:s3cret@{}", refusing.address());
        let proxies = Proxies::all(url, "");
        let client = Client::new(&ClientOptions { proxies, ..options([NAME]) }).unwrap();
        let fault = fault(get(&client, NAME).await);
        // Nothing of the request was sent in any case.
        let http = &fault.http;
        assert!(
            matches!(http, HttpError::ConfigurationError | HttpError::DestinationUnavailable),
            "{fault:?}"
        );
        let place = format!("the proxy 127.0.0.1 on port {}", refusing.address().port());
        assert!(fault.message.contains(&place) && fault.message.contains(words), "{fault}");
        assert!(!format!("{fault:?}").contains("s3cret"), "{fault:?}");
        assert!(fault.fix.unwrap().contains(fix));
        assert_eq!(refusing.accepted(), 1, "it is not asked again");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_silent_is_named() {
    let gone = format!("http://127.0.0.1:{}", closed_port().await);
    let silent = Wire::start(|stream, _, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    let ask = async |proxy: String| {
        let (proxies, timeouts) = (Proxies::all(proxy, ""), Timeouts { tls: SHORT, ..patient() });
        let options = ClientOptions { proxies, timeouts, ..options([NAME]) };
        fault(get(&Client::new(&options).unwrap(), NAME).await)
    };
    let fault = ask(gone).await;
    assert!(matches!(fault.http, HttpError::ConnectionRefused), "{fault:?}");
    assert!(fault.message.starts_with("the proxy: 127.0.0.1 on port "), "{fault}");
    assert!(fault.fix.unwrap().contains("HTTPS_PROXY"));
    let fault = ask(at(silent.address())).await;
    assert!(matches!(fault.http, HttpError::DestinationUnavailable), "{fault:?}");
    assert!(fault.message.starts_with("the proxy 127.0.0.1 on port "), "{fault}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_before_anything_is_sent() {
    for (url, words) in [
        ("https://ann:s3cret@proxy.contoso.com", "TLS to the proxy itself"),
        ("socks5://ann:s3cret@proxy.contoso.com:1080", "only http proxies"),
        ("http://", "it is not a URL"),
        ("http://ann:s3cret@", "it "),
        ("http://ann:s3cret@:8080", "it "),
        ("http://ann:s3cret@proxy.contoso.com:80800", "it is not a URL"),
        ("proxy contoso", "it is not a URL"),
        ("//", "it "),
    ] {
        let proxies = Proxies::all(url, "");
        let error = Client::new(&ClientOptions { proxies, ..options([NAME]) }).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("ALL_PROXY") && message.contains(words), "{url}: {message}");
        assert!(message.contains("http://proxy.example.com:8080"), "{message}");
        assert!(!format!("{error:?}").contains("s3cret") && !message.contains("s3cret"));
    }
}
