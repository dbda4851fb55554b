//! Clients that no library would be. Each gets its own end, and the next one is served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::serve::client::{Answer, Request, connect, exchange};
use crate::serve::server::{House, Place, Shared, connected, seats};
use support::simulate;

/// One for all tests, which is what they are about.
pub fn server() -> Arc<House> {
    static SHARED: Shared<House> = Shared::new();
    SHARED.get(House::new)
}

pub fn ask(method: &str, target: &str) -> Request {
    server().ask(method, target).key(server().key())
}

/// The answer to these bytes; none where the server just hangs up.
fn answer(bytes: &[u8]) -> Option<Answer> {
    let bytes = exchange(&server().address(), bytes).unwrap_or_default();
    Answer::parse(&bytes, "GET").map(|(answer, _)| answer)
}

/// That it serves, quickly, and has not failed.
#[track_caller]
pub fn well() {
    let began = Instant::now();
    ask("GET", "/v1/actions/country-codes").send().done();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(!server().said().contains("panicked"), "{}", server().said());
}

#[test]
fn headers_have_a_size_and_a_number() {
    let _house = server();
    let get =
        |headers: String| answer(format!("GET /healthz HTTP/1.1\r\n{headers}\r\n").as_bytes());
    let host = "Host: o365\r\n";
    for headers in [
        format!("{host}X-Long: {}\r\n", "a".repeat(64 << 10)),
        format!("{host}X-Long: {}\r\n", "a".repeat(10 << 20)),
        format!("{host}{}: a\r\n", "a".repeat(64 << 10)),
        (0..5_000).fold(host.to_owned(), |all, number| format!("{all}X-{number}: a\r\n")),
        (0..70).fold(host.to_owned(), |all, number| format!("{all}X-{number}: a\r\n")),
    ] {
        let length = headers.len();
        assert!(get(headers).is_none_or(|answer| answer.status == 431), "{length}");
    }
    // What can be read is refused in words.
    for headers in [
        format!("{host}X-Long: {}\r\n", "a".repeat(20 << 10)),
        (0..70).fold(host.to_owned(), |all, number| format!("{all}X-{number}: a\r\n")),
    ] {
        let told = get(format!("{headers}Connection: close\r\n")).unwrap();
        told.problem(431, "headers-too-large");
    }
    let target = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(100_000));
    let told = answer(target.as_bytes());
    assert!(told.is_none_or(|answer| [414, 431].contains(&answer.status)));
    let some = (0..40).fold(host.to_owned(), |all, number| format!("{all}X-{number}: a\r\n"));
    assert_eq!(get(format!("{some}Connection: close\r\n")).unwrap().status, 200);
    well();
}

#[test]
fn what_is_no_http_is_refused() {
    let _house = server();
    let client_hello = [&[0x16, 0x03, 0x01, 0x00, 0xa5, 0x01][..], &[0; 160]].concat();
    for bytes in [
        &b"\r\n\r\n\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\nHost: a\r\n : b\r\n\r\n",
        b"GET /health\x00z HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        b"G\xc3\x84T /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff",
        &client_hello,
        &[0xff; 100_000],
    ] {
        let told = answer(bytes);
        let refused = |answer: &Answer| (400..600).contains(&answer.status);
        assert!(
            told.as_ref().is_none_or(refused),
            "{:?}: {told:?}",
            String::from_utf8_lossy(bytes)
        );
    }
    well();
}

/// A request in the body of another, for a server behind which another one reads on.
#[test]
fn a_message_has_one_length() {
    let house = server();
    let inner = "GET /openapi.json HTTP/1.1\r\nHost: o365\r\n\r\n";
    let key = house.key();
    for lengths in [
        "Content-Length: 2\r\nContent-Length: 40\r\n",
        "Content-Length: 2, 40\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ] {
        let text = format!(
            "POST /v1/actions/country-codes HTTP/1.1\r\nHost: o365\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\n{lengths}\r\n{{}}{inner}"
        );
        let bytes = exchange(&server().address(), text.as_bytes()).unwrap_or_default();
        if let Some((answer, rest)) = Answer::parse(&bytes, "POST") {
            assert!((400..500).contains(&answer.status), "{lengths}: {answer:?}");
            assert!(rest.is_empty(), "{lengths}: {}", String::from_utf8_lossy(rest));
        }
    }
    // With both, the chunks count, and nothing after them is read on this connection.
    let text = format!(
        "POST /v1/actions/country-codes HTTP/1.1\r\nHost: o365\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n\
         2\r\n{{}}\r\n0\r\n\r\n{inner}"
    );
    let bytes = exchange(&server().address(), text.as_bytes()).unwrap_or_default();
    let count = String::from_utf8_lossy(&bytes).matches("HTTP/1.1 ").count();
    assert!(count <= 1, "{}", String::from_utf8_lossy(&bytes));
    well();
}

/// What a client does, what it sends first, what then, and how many seconds it has.
type Slow<'a> = (&'a str, &'a [u8], &'a [u8], std::ops::Range<u64>);

/// How long until a server hangs up on who sends these bytes, and then `more` each second.
fn held_open(address: &str, first: &[u8], more: &[u8]) -> Duration {
    let mut stream = connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    stream.write_all(first).unwrap();
    let began = Instant::now();
    let mut buffer = [0; 4 << 10];
    while began.elapsed() < Duration::from_secs(100) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                if !more.is_empty() && stream.write_all(more).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    began.elapsed()
}

#[test]
fn who_says_nothing_or_never_ends_is_not_waited_for() {
    let _house = server();
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();
    let asked = "GET /healthz HTTP/1.1\r\nHost: o365\r\n\r\n";
    let asked = asked.as_bytes();
    let cases: [Slow; 7] = [
        ("silent", b"", b"", 8..14),
        ("half a word", b"PRI * HT", b"", 8..14),
        ("half a line", b"GET /heal", b"", 8..14),
        ("headers without end", b"GET /healthz HTTP/1.1\r\n", b"X-More: a\r\n", 8..14),
        ("one byte a second", b"G", b"E", 0..14),
        ("HTTP/2 and nothing", &preface, b"", 8..18),
        ("half a line after an answer", asked, b"G", 8..14),
    ];
    std::thread::scope(|scope| {
        for (what, first, more, seconds) in cases {
            scope.spawn(move || {
                let took = held_open(&server().address(), first, more);
                assert!(seconds.contains(&took.as_secs()), "{what}: {took:?}");
            });
        }
    });
    well();
}

/// A load balancer keeps its connections for a minute, and must not meet one that was closed.
#[test]
fn a_connection_is_kept_between_two_requests() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&format!("[serve]\nkeep-alive = 13\n\n{}", connected("main", &graph)));
    place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let asked = b"GET /healthz HTTP/1.1\r\nHost: o365\r\n\r\n";
    let took = held_open(&server.address(), asked, b"");
    assert!((13..17).contains(&took.as_secs()), "{took:?}");
}

#[test]
fn two_thousand_who_say_nothing_keep_nobody_out() {
    let _house = server();
    let idle: Vec<TcpStream> = (0..2_000).map(|_| connect(&server().address()).unwrap()).collect();
    for _ in 0..10 {
        well();
    }
    assert!(server().memory() < 400 << 10, "{} KiB", server().memory());
    drop(idle);
    well();
}

#[test]
fn it_lets_in_as_many_as_the_system_allows_it() {
    let _house = server();
    let place = Place::new();
    let server = place.simulate_with_files(200);
    let idle: Vec<TcpStream> = (0..400).map(|_| connect(&server.address()).unwrap()).collect();
    let began = Instant::now();
    server.get(server.key(), "/v1/actions").done();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(idle);
}

#[test]
fn a_request_says_once_whom_it_is_for() {
    let house = server();
    for hosts in ["", "Host: o365\r\nHost: other\r\n", "Host: o365\r\nHost: o365\r\n"] {
        let key = house.key();
        let head = format!("Authorization: Bearer {key}\r\nConnection: close\r\n");
        let text = format!("GET /v1/actions HTTP/1.1\r\n{hosts}{head}\r\n");
        let bytes = exchange(&server().address(), text.as_bytes()).unwrap();
        let (answer, _) = Answer::parse(&bytes, "GET").unwrap();
        answer.problem(400, "invalid-input");
    }
}

#[test]
fn requests_in_a_row_are_answered_in_their_order() {
    let house = server();
    let key = house.key();
    let one = |path: &str, more: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: o365\r\nAuthorization: Bearer {key}\r\n{more}\r\n")
    };
    let paths = ["/healthz", "/v1/actions/country-codes", "/no-such-path", "/readyz"];
    let mut text: String = paths.iter().cycle().take(80).map(|path| one(path, "")).collect();
    text.push_str(&one("/healthz", "Connection: close\r\n"));
    let bytes = exchange(&server().address(), text.as_bytes()).unwrap();
    let (mut statuses, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((answer, more)) = Answer::parse(rest, "GET") {
        statuses.push(answer.status);
        rest = more;
    }
    let expected: Vec<u16> = [200, 200, 404, 200].into_iter().cycle().take(81).collect();
    assert_eq!(statuses, expected);
    // A call whose body is not read does not become the next request.
    let (body, next) = (one("/healthz", ""), one("/no-such-path", "Connection: close\r\n"));
    let text = format!(
        "POST /v1/actions/country-codes HTTP/1.1\r\nHost: o365\r\nContent-Length: {}\r\n\r\n{body}{next}",
        body.len()
    );
    let bytes = exchange(&server().address(), text.as_bytes()).unwrap();
    let (first, rest) = Answer::parse(&bytes, "POST").unwrap();
    first.problem(401, "unauthenticated");
    let (second, rest) = Answer::parse(rest, "GET").unwrap();
    second.problem(404, "no-such-path");
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(rest));
}

#[test]
fn a_path_is_what_it_says() {
    let _house = server();
    for wrong in [
        "/v1/actions/../../metrics",
        "/v1/./actions",
        "/v1//actions",
        "//v1/actions",
        "/v1/actions/",
        "/v1/actions/create-user/",
        "/V1/actions",
        "/docs/",
        "/docs/assets/",
        "/docs/assets/../../healthz",
        "/docs/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/docs/assets/%2e%2e%2fmod.rs",
        "/docs/assets/swagger-ui.css%00",
        "/healthz/",
        "/%68ealthz/..",
    ] {
        ask("GET", wrong).send().problem(404, "no-such-path");
        server().ask("GET", wrong).send().problem(401, "unauthenticated");
    }
    for wrong in [
        "create-user%2f",
        "..%2factions%2fcreate-user",
        "create%00user",
        "create-user%0d%0aX:%20y",
        "CREATE-USER",
        "%E2%80%8Bcreate-user",
        "%2e%2e",
        &"a".repeat(8_000),
    ] {
        for method in ["GET", "POST"] {
            let target = format!("/v1/actions/{wrong}");
            let answer = ask(method, &target).json(&serde_json::json!({})).send();
            answer.problem(404, "no-such-action");
            assert!(answer.body.len() < 10_000);
        }
    }
    for broken in ["%ff", "%c3%28"] {
        let answer = ask("GET", &format!("/v1/actions/{broken}")).send();
        assert!([400, 404].contains(&answer.status), "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    }
    for good in
        ["/v1/actions/%63reate-user", "/v1/actions/create-user?", "/v1/actions/create-user?a=b"]
    {
        assert_eq!(ask("GET", good).send().done()["name"], "create-user");
    }
    let metrics = ask("GET", "/metrics").send().text();
    assert!(!metrics.contains("%") && !metrics.contains("CREATE"), "{metrics}");
}

#[test]
fn targets_have_their_forms() {
    let _house = server();
    // The whole address, as to a proxy: who it names does not matter.
    for target in
        ["http://o365/v1/actions", "http://fabrikam.com/v1/actions", "https://a:1/v1/actions"]
    {
        assert!(ask("GET", target).send().done().is_array(), "{target}");
        server().ask("GET", target).send().problem(401, "unauthenticated");
    }
    for (method, target) in
        [("OPTIONS", "*"), ("CONNECT", "fabrikam.com:443"), ("GET", "http://o365")]
    {
        let answer = ask(method, target).send();
        assert!((400..500).contains(&answer.status), "{method} {target}: {answer:?}");
    }
    // A page of somebody else's gets no leave to ask.
    let preflight = server().ask("OPTIONS", "/v1/actions/create-user");
    let preflight = preflight.header("Origin", "https://fabrikam.com");
    let answer = preflight.header("Access-Control-Request-Method", "POST").send();
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
    let ours = ask("GET", "/v1/actions").header("Origin", "https://fabrikam.com").send();
    assert!(ours.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[test]
fn whoever_hangs_up_in_the_middle_leaves_nothing_behind() {
    let _house = server();
    let call = server().action(server().key(), "is-license-available", &seats());
    for _ in 0..200 {
        call.leave_after(Duration::ZERO);
    }
    crate::serve::server::eventually("nothing goes on", || {
        let metrics = ask("GET", "/metrics").send().text();
        metrics.contains("o365_running{tenant=\"contoso\"} 0")
            && metrics.contains("o365_waiting{tenant=\"contoso\"} 0")
    });
    well();
}
