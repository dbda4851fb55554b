//! The log of `o365 serve`: its requests, and the runs that they are for.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::graph::Graph;
use crate::process::{KEY, Server, bearer};
use crate::{SKU, lines, saying};
use runner::telemetry::log_queue;

fn seats() -> Value {
    json!({ "serviceId": SKU })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_run_have_one_id_in_the_log_at_graph_and_for_the_caller() {
    let graph = Graph::start();
    let server = Server::start(&graph, "trace", &[]);
    let trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let answer = server.call("is-license-available", &[trace], &seats()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let id = answer.run().to_owned();
    let log = lines(&server.stop());
    let request = saying(&log, "answered").into_iter().find(|line| line["route"].is_string());
    let request = request.unwrap();
    assert_eq!(request["level"], "INFO");
    assert_eq!(request["method"], "POST");
    assert_eq!(request["route"], "/v1/actions/{action}");
    assert_eq!(request["status"], 200);
    assert_eq!(request["tenant"], "contoso");
    assert_eq!(request["run"], *id);
    assert!(request["ms"].is_f64(), "{request}");
    let of_run: Vec<&Value> = log.iter().filter(|line| line["span"].is_object()).collect();
    for line in &of_run {
        assert_eq!(line["span"]["run"], *id, "{line}");
        assert_eq!(line["span"]["tenant"], "contoso", "{line}");
    }
    for message in ["the sign-in host answered", "answered", "done"] {
        assert!(of_run.iter().any(|line| line["message"] == message), "{message}: {log:?}");
    }
    let [seen] = graph.seen().try_into().unwrap();
    assert_eq!(seen.header("client-request-id"), id);
    let named: Vec<_> = seen.headers.keys().map(|name| name.as_str()).collect();
    assert!(!named.iter().any(|name| name.starts_with("trace") || *name == "baggage"), "{named:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_a_warning_without_what_the_caller_sent() {
    let graph = Graph::start();
    let server = Server::start(&graph, "info", &[]);
    let (bearer, json) = (bearer(KEY), ("content-type", "application/json"));
    let key = ("authorization", bearer.as_str());
    let odd = Method::from_bytes(b"C4NARY").unwrap();
    let asked = [
        (Method::POST, "/v1/actions/delete-user?c4nary=c4nary", 400),
        (Method::POST, "/v1/actions/c4nary", 404),
        (Method::GET, "/c4nary", 404),
        (odd, "/v1/actions", 405),
    ];
    for (method, path, status) in asked {
        let answer = server.send(method, path, &[key, json], "{\"c4nary\": 1}").await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
    }
    let log = server.stop();
    assert!(!log.to_lowercase().contains("c4nary"), "{log}");
    let log = lines(&log);
    let told: Vec<_> = saying(&log, "the request failed")
        .into_iter()
        .map(|line| {
            assert_eq!(line["level"], "WARN", "{line}");
            assert_eq!(line["tenant"], "contoso", "{line}");
            (line["method"].clone(), line["route"].clone(), line["status"].clone())
        })
        .collect();
    let expected = [
        (json!("POST"), json!("/v1/actions/{action}"), json!(400)),
        (json!("POST"), json!("/v1/actions/{action}"), json!(404)),
        (json!("GET"), Value::Null, json!(404)),
        (json!("_OTHER"), json!("/v1/actions"), json!(405)),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_wrong_keys_is_counted_and_told_once_a_second() {
    const FLOOD: u64 = 500;
    let graph = Graph::start();
    let server = Server::start(&graph, "info", &[]);
    let began = Instant::now();
    let wrong = bearer("o365_c4nary-wrong-key");
    for number in 0..FLOOD {
        let key = [("authorization", wrong.as_str())];
        let headers = if number == 0 { &[][..] } else { &key[..] };
        let answer = server.send(Method::GET, "/v1/actions", headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        server.send(Method::GET, "/healthz", &[], "").await;
    }
    let seconds = began.elapsed().as_secs();
    let log = server.stop();
    assert!(!log.contains("c4nary"), "{log}");
    let log = lines(&log);
    let told = saying(&log, "unauthenticated requests were rejected");
    assert!(told.iter().all(|line| line["level"] == "WARN"), "{told:?}");
    assert!((1..=seconds + 1).contains(&(told.len() as u64)), "{} in {seconds} s", told.len());
    let sum = |name: &str| told.iter().map(|line| line[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("wrong_key"), sum("no_key")), (FLOOD - 1, 1));
    let others: Vec<_> = log.iter().filter(|line| line["route"].is_string()).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_over_a_full_queue_is_counted_and_told_once_a_second() {
    const FLOOD: u64 = 300;
    let graph = Graph::after(Duration::from_secs(30));
    let further = "concurrent-runs = 1\nqueue-length = 0";
    let server = Server::start_with(&graph, "info", &[], further, true);
    let (began, seats) = (Instant::now(), seats());
    tokio::select! {
        _ = server.call("is-license-available", &[], &seats) => panic!("Graph answers later"),
        () = async {
            while graph.seen().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            for _ in 0..FLOOD {
                let answer = server.call("is-license-available", &[], &seats).await;
                assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
            }
        } => {}
    }
    let seconds = began.elapsed().as_secs();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let log = lines(&server.stop());
    let told = saying(&log, "calls were refused, as the tenant has too many");
    assert!((1..=seconds + 2).contains(&(told.len() as u64)), "{} in {seconds} s", told.len());
    assert!(told.iter().all(|line| line["tenant"] == "contoso"), "{told:?}");
    let calls: u64 = told.iter().map(|line| line["calls"].as_u64().unwrap()).sum();
    assert_eq!(calls, FLOOD);
    assert!(log.len() < 30, "{}", log.len());
}

/// A pipe takes some 64 KiB, and then blocks who writes to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    let graph = Graph::start();
    let mut server = Server::start_with(&graph, "trace", &[], "", false);
    let began = Instant::now();
    for _ in 0..500 {
        let answer = server.call("country-codes", &[], &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let answer = server.send(Method::GET, "/healthz", &[], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    // A warning of a wrong configuration does not hold up the signals that come next.
    let path = graph.configuration("");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, "wrong").unwrap();
    server.signal("HUP");
    tokio::time::sleep(Duration::from_millis(500)).await;
    std::fs::write(&path, good).unwrap();
    server.signal("TERM");
    let began = Instant::now();
    while !server.has_ended() {
        assert!(began.elapsed() < Duration::from_secs(15), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn lines_that_nobody_takes_are_dropped_and_counted() {
    struct Stuck(std::sync::mpsc::Receiver<()>);
    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (free, stuck) = std::sync::mpsc::channel();
    let (mut queue, guard) = log_queue::start(Stuck(stuck));
    for _ in 0..25_000 {
        queue.write_all(b"a line\n").unwrap();
    }
    // One is being written, and the queue is full of others.
    assert!(
        (14_000..=15_000).contains(&log_queue::dropped_lines()),
        "{}",
        log_queue::dropped_lines()
    );
    drop((free, queue));
    drop(guard);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_is_told_with_the_run_that_goes_on() {
    let graph = Graph::after(Duration::from_millis(1500));
    let server = Server::start(&graph, "info", &[]);
    let body = seats().to_string();
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "POST /v1/actions/is-license-available HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        bearer(KEY),
        body.len(),
    )
    .unwrap();
    while graph.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let log = lines(&server.stop());
    let gone = saying(&log, "the client disconnected")[0];
    let done = saying(&log, "done")[0];
    assert_eq!(gone["run"], done["span"]["run"]);
    assert_eq!(gone["tenant"], "contoso");
    assert_eq!(gone["status"], Value::Null);
}
