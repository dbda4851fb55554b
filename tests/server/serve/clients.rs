//! Whose request it is: its address and its own id in the log, also behind a proxy, and how many
//! connections one address may have.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::serve::client::{Answer, connect};
use crate::serve::server::{Place, Server, connection, eventually, seats};
use support::simulate;

/// A server with these lines in `[serve]`, which logs as JSON, and the key of its tenant.
fn serving(lines: &str, graph: &simulate::Server) -> (Place, String, Server) {
    let serve = format!("[serve]\n{lines}\n\n");
    let place = Place::with(&(serve + &connection("main", graph.http(), graph.http())));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    (place, key, server)
}

/// The line of the log of the request with this id of its caller.
fn line(server: &Server, id: &str) -> Value {
    let mut found = Value::Null;
    eventually("the log has the request", || {
        let lines = server.said();
        let mut lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        found = lines.find(|line| line["request_id"] == id).unwrap_or_default();
        !found.is_null()
    });
    found
}

#[test]
fn the_log_has_the_address_the_action_and_the_id_of_the_caller_which_comes_back() {
    let graph = simulate::Server::start(&[]);
    let (_place, key, server) = serving("", &graph);
    let call = server.action(&key, "is-license-available", &seats());
    let told = call.header("X-Request-Id", "order-4711/1").send();
    told.done();
    assert_eq!(told.header("x-request-id"), "order-4711/1");
    let logged = line(&server, "order-4711/1");
    assert_eq!(logged["client"], "127.0.0.1", "{logged}");
    assert_eq!(logged["action"], "is-license-available", "{logged}");
    assert_eq!(logged["run"], told.run(), "{logged}");
    // An action that does not exist may be any text, and has no place in the log.
    let told = server.action(&key, "no-such", &seats()).header("X-Request-Id", "2").send();
    told.problem(404, "no-such-action");
    assert_eq!(line(&server, "2")["action"], Value::Null);
    // What is no id is not repeated.
    for id in ["", "a b", "\u{e4}", &"a".repeat(129)] {
        let told = server.ask("GET", "/healthz").header("X-Request-Id", id).send();
        assert!(!told.headers.contains_key("x-request-id"), "{id}");
    }
    let twice = server.ask("GET", "/healthz").header("X-Request-Id", "1");
    assert!(!twice.header("X-Request-Id", "2").send().headers.contains_key("x-request-id"));
}

/// A header of a proxy, its value, and the client that it names.
type Named = (&'static str, &'static str, &'static str);

#[test]
fn a_trusted_proxy_names_the_client_and_nobody_else_does() {
    let graph = simulate::Server::start(&[]);
    let trusting = "trusted-proxies = [\"127.0.0.0/8\", \"10.1.0.0/16\", \"2001:db8::7\"]";
    let x_forwarded = format!("{trusting}\nforwarded-header = \"x-forwarded-for\"");
    let other = "trusted-proxies = [\"10.1.0.0/16\"]";
    let backslashes: &'static str = format!("{}, for=192.0.2.43", "\\".repeat(8_000)).leak();
    let cases: [(&str, &[Named]); 3] = [
        (
            trusting,
            &[
                ("Forwarded", "for=192.0.2.43", "192.0.2.43"),
                ("Forwarded", "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
                ("Forwarded", "for=\"192.0.2.43:80\";proto=https;by=_gw", "192.0.2.43"),
                // The last one whom a trusted proxy names: what is before it, anybody can write.
                ("Forwarded", "for=198.51.100.1, for=192.0.2.43, for=10.1.2.3", "192.0.2.43"),
                ("Forwarded", "for=192.0.2.43, for=\"[2001:db8::7]\"", "192.0.2.43"),
                ("Forwarded", "for=\"a, for=198.51.100.1\", for=192.0.2.43", "192.0.2.43"),
                // Hidden, or nothing that can be read.
                ("Forwarded", "for=198.51.100.1, for=_hidden", "127.0.0.1"),
                ("Forwarded", "for=198.51.100.1, for=unknown", "127.0.0.1"),
                // What the client has written before a proxy added to it may be anything.
                ("Forwarded", "garbage;;=, for=192.0.2.43", "192.0.2.43"),
                ("Forwarded", "for=\"x, for=192.0.2.43", "192.0.2.43"),
                ("Forwarded", "for=\"x\r\nForwarded: for=192.0.2.43", "192.0.2.43"),
                (
                    "Forwarded",
                    "for=198.51.100.1, \u{e9}, for=192.0.2.43;host=\"a\\\"b\"",
                    "192.0.2.43",
                ),
                ("Forwarded", backslashes, "192.0.2.43"),
                ("Forwarded", "for=\"192.0.2.43", "127.0.0.1"),
                ("Forwarded", "192.0.2.43", "127.0.0.1"),
                ("Forwarded", "", "127.0.0.1"),
                ("X-Forwarded-For", "192.0.2.43", "127.0.0.1"),
            ],
        ),
        (
            &x_forwarded,
            &[
                ("X-Forwarded-For", "192.0.2.43", "192.0.2.43"),
                ("X-Forwarded-For", "198.51.100.1, 192.0.2.43,10.1.2.3", "192.0.2.43"),
                ("X-Forwarded-For", "2001:db8::1", "2001:db8::1"),
                ("X-Forwarded-For", "192.0.2.43:4711", "192.0.2.43"),
                ("X-Forwarded-For", "\u{e9}, 192.0.2.43", "192.0.2.43"),
                ("X-Forwarded-For", "\u{e9}\r\nX-Forwarded-For: 192.0.2.43", "192.0.2.43"),
                ("X-Forwarded-For", "198.51.100.1, \u{e9}192.0.2.43", "127.0.0.1"),
                ("X-Forwarded-For", "198.51.100.1, nobody", "127.0.0.1"),
                ("Forwarded", "for=192.0.2.43", "127.0.0.1"),
            ],
        ),
        (
            other,
            &[
                ("Forwarded", "for=192.0.2.43", "127.0.0.1"),
                ("X-Forwarded-For", "192.0.2.43", "127.0.0.1"),
            ],
        ),
    ];
    for (lines, cases) in cases {
        let (_place, key, server) = serving(lines, &graph);
        for (number, (header, value, client)) in cases.iter().enumerate() {
            let id = number.to_string();
            let get = server.ask("GET", "/v1/actions").key(&key).header("X-Request-Id", &id);
            get.header(header, value).send().done();
            assert_eq!(line(&server, &id)["client"], *client, "{header}: {value}");
        }
    }
}

/// The name and the value of a header.
type Header = (&'static str, &'static str);

#[test]
fn the_url_of_the_server_is_that_which_the_last_untrusted_client_asked() {
    let graph = simulate::Server::start(&[]);
    let trusting = "trusted-proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]\nforwarded-header = \"x-forwarded-for\"";
    let (_place, key, server) = serving(trusting, &graph);
    let own = format!("http://{}", server.address());
    let cases: [(&[Header], &str); 5] = [
        (
            &[
                ("X-Forwarded-For", "198.51.100.1, 192.0.2.43, 10.0.0.1"),
                ("X-Forwarded-Host", "fabrikam.com, o365.contoso.com, inside"),
                ("X-Forwarded-Proto", "http, https,http"),
            ],
            "https://o365.contoso.com",
        ),
        // The client wrote the first one of each.
        (
            &[
                ("X-Forwarded-For", "198.51.100.1, 192.0.2.43"),
                ("X-Forwarded-Host", "fabrikam.com, o365.contoso.com"),
                ("X-Forwarded-Proto", "https"),
            ],
            "https://o365.contoso.com",
        ),
        // Behind a second proxy that adds only the address.
        (
            &[
                ("X-Forwarded-For", "192.0.2.43, 10.0.0.1"),
                ("X-Forwarded-Host", "o365.contoso.com"),
                ("X-Forwarded-Proto", "https"),
            ],
            "https://o365.contoso.com",
        ),
        // A proxy that does not name the client names nothing.
        (&[("X-Forwarded-Host", "fabrikam.com"), ("X-Forwarded-Proto", "https")], &own),
        (&[("X-Forwarded-For", "192.0.2.43")], &own),
    ];
    for (headers, url) in cases {
        let get = server.ask("GET", "/openapi.json").key(&key);
        let get = headers.iter().fold(get, |get, (name, value)| get.header(name, value));
        assert_eq!(get.send().done()["servers"][0]["url"], url, "{headers:?}");
    }
}

#[test]
fn plain_http_on_any_address_is_served_where_a_proxy_ends_tls() {
    let graph = simulate::Server::start(&[]);
    let lines = "address = \"0.0.0.0:0\"\ntls = \"terminated-by-proxy\"";
    let serve = format!("[serve]\n{lines}\n\n");
    let place = Place::with(&(serve + &connection("main", graph.http(), graph.http())));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&["--address", "0.0.0.0:0"]);
    let address: SocketAddr = server.address().parse().unwrap();
    assert!(address.ip().is_unspecified(), "{address}");
    server.get(&key, "/v1/actions").done();
}

/// An answer on a connection that is kept.
fn asked(stream: &mut TcpStream) -> std::io::Result<u16> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: o365\r\n\r\n")?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4 << 10];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(buffer.get(..read).unwrap()),
        }
        if let Some((Answer { status, .. }, _)) = Answer::parse(&bytes, "GET") {
            return Ok(status);
        }
    }
}

/// A connection from an address of loopback.
fn from(address: [u8; 4], server: &Server) -> TcpStream {
    let to: SocketAddr = server.address().parse().unwrap();
    let connected = async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((address, 0).into()).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let stream = runtime.enable_io().build().unwrap().block_on(connected);
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

#[test]
fn who_has_too_many_connections_loses_the_unused_ones() {
    let graph = simulate::Server::start(&[]);
    let (_place, key, server) = serving("connections-per-address = 20", &graph);
    let mut kept: Vec<TcpStream> = (0..20).map(|_| from([127, 0, 0, 2], &server)).collect();
    for stream in &mut kept {
        assert_eq!(asked(stream).unwrap(), 200);
    }
    // The first one is used again, so the second one is the one that has to go.
    assert_eq!(asked(&mut kept[0]).unwrap(), 200);
    let mut further = from([127, 0, 0, 2], &server);
    assert_eq!(asked(&mut further).unwrap(), 200);
    assert!(asked(&mut kept[1]).is_err());
    assert_eq!(asked(&mut kept[0]).unwrap(), 200);
    // Any number of them does not keep out another address.
    let flood: Vec<TcpStream> = (0..6_000).map(|_| from([127, 0, 0, 3], &server)).collect();
    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let began = Instant::now();
        server.get(&key, "/v1/actions").done();
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    drop(flood);
}

/// Requests under way are nobody's idle connections.
#[test]
fn a_connection_with_a_request_is_never_closed_for_another() {
    let graph = simulate::Server::start(&[]);
    let gate = crate::serve::gate::Gate::to(graph.http());
    let serve = "[serve]\nconnections-per-address = 2\n\n";
    let place = Place::with(&(serve.to_owned() + &connection("main", &gate.url(), graph.http())));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    gate.hold();
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let call = server.action(&key, "is-license-available", &seats());
            std::thread::spawn(move || call.send())
        })
        .collect();
    eventually("both run", || graph.requests().len() >= 3);
    // A third connection is refused; the two are answered.
    let mut third = connect(&server.address()).unwrap();
    assert!(asked(&mut third).is_err());
    gate.release();
    for call in calls {
        call.join().unwrap().done();
    }
    server.get(&key, "/v1/actions").done();
}
