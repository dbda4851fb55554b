//! The forms of a large response: compressed, and as lines.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::serve::client::Answer;
use crate::serve::server::{Place, Server, connected};
use support::simulate;

const REPORT: &str = "users-with-licenses-report";

/// A server of a tenant with some hundred users, and the tenant's key.
fn large() -> (simulate::Server, Place, Server, String) {
    let graph = simulate::Server::start(&["--users", "400"]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    (graph, place, server, key)
}

#[test]
fn a_large_response_is_compressed_for_who_takes_that() {
    let (_graph, _place, server, key) = large();
    let ask = |encoding: &str| {
        let call = server.action(&key, REPORT, &json!({}));
        call.header("Accept-Encoding", encoding).send()
    };
    let plain = ask("identity");
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(plain.varies_by("accept-encoding"));
    let told = plain.done();
    assert!(plain.body.len() > 20_000, "{}", plain.body.len());
    let gzip = ask("gzip");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert!(gzip.body.len() * 5 < plain.body.len(), "{} {}", gzip.body.len(), plain.body.len());
    let mut text = String::new();
    GzDecoder::new(gzip.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), told);
    let zstd = ask("gzip;q=0.5, zstd");
    assert_eq!(zstd.header("content-encoding"), "zstd");
    let text = zstd::decode_all(zstd.body.as_slice()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), told);
    // Who takes nothing gets it as it is: the run is over, and its outcome counts.
    for nothing in ["identity;q=0", "*;q=0", "gzip;q=0, identity;q=0"] {
        let told = ask(nothing);
        assert!(!told.headers.contains_key("content-encoding"), "{nothing}");
        told.done();
    }
    assert_eq!(ask("*").header("content-encoding"), "zstd");
    assert_eq!(ask("*, zstd;q=0").header("content-encoding"), "gzip");
    // What is small is sent as it is.
    let small = server.ask("GET", "/healthz").header("Accept-Encoding", "gzip, zstd").send();
    assert!(!small.headers.contains_key("content-encoding"));
    small.done();
}

#[test]
fn a_report_comes_line_by_line_for_who_prefers_that() {
    let (_graph, _place, server, key) = large();
    let call = |action: &str, input: Value, accept: &str| -> Answer {
        server.action(&key, action, &input).header("Accept", accept).send()
    };
    let ask = |action: &str, accept: &str| call(action, json!({}), accept);
    let whole = ask(REPORT, "*/*").done();
    let users = whole["users"].as_array().unwrap();
    assert!(users.len() > 100, "{}", users.len());
    for accept in ["application/x-ndjson", "application/jsonl, application/json;q=0.9"] {
        let lines = ask(REPORT, accept);
        assert_eq!(lines.status, 200);
        assert!(lines.varies_by("accept") && lines.varies_by("accept-encoding"));
        assert_eq!(lines.header("content-type"), accept.split(',').next().unwrap());
        lines.run();
        let text = lines.text();
        assert!(text.ends_with('\n'));
        let read: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(&read, users);
    }
    // Who takes both has the whole, and so has who asks for what there is not.
    for accept in ["application/json, application/x-ndjson", "text/csv"] {
        let told = ask(REPORT, accept);
        assert_eq!(told.header("content-type"), "application/json", "{accept}");
        assert!(told.varies_by("accept"), "{accept}");
        assert_eq!(told.done(), whole);
    }
    // A page has its cursor beside its users, and a plan is no list.
    let page = json!({ "pageSize": 50 });
    let page = call("users-with-licenses-page", page, "application/x-ndjson").done();
    assert!(page["nextCursor"].is_string(), "{:?}", page.as_object().map(|it| it.len()));
    let plan = ask(&format!("{REPORT}?plan=true"), "application/x-ndjson");
    assert!(plan.done()["writes"].is_array());
    // An error is a problem document.
    let wrong = call(REPORT, json!({ "nobody": 1 }), "application/x-ndjson");
    wrong.problem(400, "invalid-input");
}
