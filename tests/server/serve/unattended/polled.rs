//! From the acceptance to the result.

use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{House, later, polled, state, target};
use crate::serve::server::{Place, account, connected, eventually, seats};
use support::simulate;

const AVAILABLE: &str = "is-license-available";

#[test]
fn a_call_is_accepted_and_its_result_comes_as_if_it_had_been_waited_for() {
    let house = House::new();
    let server = &house.server;
    house.gate.hold();
    let accepted = house.later("create-user", &account("allen")).send();
    let target = target(server, &accepted);
    assert_eq!(accepted.header("preference-applied"), "respond-async");
    assert!(accepted.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(accepted.header("content-type"), "application/json");
    let body = accepted.json();
    assert_eq!((&body["run"], &body["action"]), (&accepted.run().into(), &"create-user".into()));
    assert!(body["state"] == "queued" || body["state"] == "running", "{body}");
    eventually("it runs", || state(server, &house.key, &accepted.run())["state"] == "running");
    house.gate.release();
    let ended = polled(server, &target);
    let result = ended.done();
    assert_eq!(ended.run(), accepted.run());
    // The same to who has the key, again and again.
    let again = server.get(&house.key, &format!("/v1/runs/{}", accepted.run()));
    assert_eq!((again.status, &again.body), (200, &ended.body));
    assert_eq!(again.run(), accepted.run());
    // A call that is waited for has the same form.
    let waited = server.action(&house.key, "create-user", &account("barry")).send();
    let members = |value: &Value| {
        value.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    assert_eq!(members(&waited.done()), members(&result));
    let shown = state(server, &house.key, &accepted.run());
    assert_eq!((&shown["state"], &shown["status"]), (&"done".into(), &200.into()), "{shown}");
    assert!(shown["graphRequests"].as_u64().unwrap() > 2 && shown["kind"].is_null(), "{shown}");
    assert_eq!(house.place.audit(&["--run", &accepted.run()])[0]["outcome"], "done");
    assert_eq!(server.ask("HEAD", &target).send().status, 200);
}

#[test]
fn who_waits_a_while_has_the_result_if_it_comes() {
    let house = House::new();
    let within = |seconds: &str| {
        let call = house.server.action(&house.key, AVAILABLE, &seats());
        let began = Instant::now();
        let answer = call
            .header("Prefer", &format!("return=minimal, Respond-Async; x, wait={seconds}"))
            .send();
        (answer, began.elapsed())
    };
    let (answer, _) = within("20");
    assert_eq!(answer.done(), true);
    assert_eq!(answer.header("preference-applied"), "respond-async, wait=20");
    assert!(answer.header("location").is_empty());
    house.gate.hold();
    let (answer, took) = within("1");
    assert_eq!(answer.header("preference-applied"), "respond-async, wait=1");
    assert!((1.0..5.0).contains(&took.as_secs_f64()), "{took:?}");
    house.gate.release();
    assert_eq!(polled(&house.server, &target(&house.server, &answer)).done(), true);
    // A wait that is no number is none, and one alone is not for later.
    assert_eq!(within("soon").0.status, 202);
    let alone = house.server.action(&house.key, AVAILABLE, &seats()).header("Prefer", "wait=1");
    alone.send().done();
}

#[test]
fn what_takes_no_time_is_answered_at_once() {
    let house = House::new();
    for (path, input) in [
        ("/v1/actions/country-codes", json!({})),
        ("/v1/plans/create-user", account("allen")),
        ("/v1/actions/create-user?plan=true", account("allen")),
    ] {
        let call = house.server.ask("POST", path).key(&house.key).json(&input);
        let answer = call.header("Prefer", "respond-async").send();
        answer.done();
        assert!(answer.header("preference-applied").is_empty(), "{path}");
    }
    assert_eq!(house.server.get(&house.key, "/v1/runs").done(), json!({ "runs": [] }));
}

#[test]
fn a_call_that_is_refused_is_refused_before_it_is_accepted() {
    let house = House::with("concurrent-runs = 1\nqueue-length = 1\nactions = [\"create-user\"]");
    house.later("create-user", &json!({})).send().problem(400, "invalid-input");
    house.later("delete-user", &json!({})).send().problem(403, "not-allowed");
    house.later("no-such-action", &json!({})).send().problem(404, "no-such-action");
    house.gate.hold();
    let accepted: Vec<_> =
        ["a", "b"].map(|name| house.later("create-user", &account(name)).send()).into();
    let full = house.later("create-user", &account("c")).header("Idempotency-Key", "c").send();
    full.problem(429, "busy");
    house.gate.release();
    for one in &accepted {
        polled(&house.server, &target(&house.server, one)).done();
    }
    // Its key is free.
    let again = house.later("create-user", &account("c")).header("Idempotency-Key", "c").send();
    polled(&house.server, &target(&house.server, &again)).done();
}

#[test]
fn a_failure_is_polled_as_it_would_have_been_sent() {
    let house = House::new();
    let nobody = json!({ "serviceId": "no-such-licence" });
    let waited = house.server.action(&house.key, "create-user", &{
        let mut input = account("allen");
        input["serviceId"] = nobody["serviceId"].clone();
        input
    });
    let waited = waited.send();
    assert!(waited.status >= 400, "{waited:?}");
    let mut input = account("allen");
    input["serviceId"] = nobody["serviceId"].clone();
    let accepted = house.later("create-user", &input).send();
    let ended = polled(&house.server, &target(&house.server, &accepted));
    assert_eq!((ended.status, ended.json()), (waited.status, waited.json()));
    assert_eq!(ended.header("content-type"), "application/problem+json");
    let shown = state(&house.server, &house.key, &accepted.run());
    assert_eq!(
        (&shown["state"], &shown["kind"]),
        (&"failed".into(), &ended.json()["error"]["kind"])
    );
}

#[test]
fn the_first_response_to_a_key_names_the_same_run_again() {
    let house = House::new();
    let create = || {
        let call = house.later("create-user", &account("allen"));
        call.header("Idempotency-Key", "allen").send()
    };
    let (first, second) = (create(), create());
    assert_eq!((first.run(), &first.body), (second.run(), &second.body));
    for accepted in [&first, &second] {
        polled(&house.server, &target(&house.server, accepted)).done();
    }
    // After its end, and for who waits, it is the same run.
    let third = create();
    assert_eq!((third.status, third.run()), (202, first.run()));
    let waits = house.server.action(&house.key, "create-user", &account("allen"));
    let waits = waits.header("Idempotency-Key", "allen").header("Prefer", "respond-async, wait=9");
    let fourth = waits.send();
    fourth.done();
    assert_eq!(fourth.run(), first.run());
    let other = house.later("create-user", &account("barry")).header("Idempotency-Key", "allen");
    other.send().problem(422, "key-reused");
    assert_eq!(house.writes("/users"), 1);
    // So does a call that only reads, if nobody waits for it.
    let read = || {
        let call = house.later(AVAILABLE, &seats());
        call.header("Idempotency-Key", "read").send().run()
    };
    assert_eq!(read(), read());
}

#[test]
fn runs_are_listed_part_by_part_the_newest_first() {
    let house = House::new();
    let runs: Vec<String> = (0..5)
        .map(|_| {
            let accepted = house.later(AVAILABLE, &seats()).send();
            std::thread::sleep(Duration::from_millis(5));
            accepted.run()
        })
        .collect();
    let (mut listed, mut parts, mut target) = (Vec::new(), 0, "/v1/runs?limit=2".to_owned());
    loop {
        let part = house.server.get(&house.key, &target).done();
        let rows = part["runs"].as_array().unwrap();
        assert!(rows.len() <= 2, "{part}");
        listed.extend(rows.iter().map(|row| row["run"].as_str().unwrap().to_owned()));
        parts += 1;
        match part["continuation"].as_str() {
            Some(next) => target = format!("/v1/runs?limit=2&continuation={next}"),
            None => break,
        }
    }
    assert_eq!((parts, listed), (3, runs.into_iter().rev().collect::<Vec<_>>()));
    for wrong in ["limit=0", "limit=101", "limit=x", "continuation=x", "page=1"] {
        let answer = house.server.get(&house.key, &format!("/v1/runs?{wrong}"));
        answer.problem(400, "invalid-input");
    }
}

#[test]
fn a_report_comes_line_by_line_and_compressed() {
    let graph = simulate::Server::start(&["--users", "400"]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let accepted = later(&server, &key, "users-with-licenses-report", &json!({})).send();
    let target = target(&server, &accepted);
    let whole = polled(&server, &target).done();
    let users = whole["users"].as_array().unwrap();
    assert!(users.len() > 100, "{}", users.len());
    let lines = server.ask("GET", &target).header("Accept", "application/x-ndjson").send();
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert!(lines.varies_by("accept"));
    let read: Vec<Value> =
        lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&read, users);
    let gzip = server.ask("GET", &target).header("Accept-Encoding", "gzip").send();
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut text = String::new();
    GzDecoder::new(gzip.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), whole);
}

#[test]
fn the_address_is_the_one_that_the_caller_uses() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let text = std::fs::read_to_string(place.config()).unwrap();
    let server = format!("[serve]\npublic-url = \"https://o365.contoso.com/graph/\"\n\n{text}");
    std::fs::write(place.config(), server).unwrap();
    let server = place.serve(&[]);
    let accepted = later(&server, &key, AVAILABLE, &seats()).send();
    let location = accepted.header("location");
    let run = accepted.run();
    let address = format!("https://o365.contoso.com/graph/v1/runs/{run}?token=");
    assert!(location.starts_with(&address), "{location}");
}
