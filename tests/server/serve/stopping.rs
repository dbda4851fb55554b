//! The end: what can finish does, what cannot is told so, and nothing new begins.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::serve::client::Answer;
use crate::serve::gate::Gate;
use crate::serve::server::{MAIL, Place, Server, account, connection, eventually, mail, seats};
use support::simulate;

/// A server with a run on its way, whose write Graph has and whose answer is held back.
struct Held {
    server: Server,
    place: Place,
    key: String,
    gate: Gate,
    call: JoinHandle<Answer>,
    _graph: simulate::Server,
}

/// A simulated Graph behind a gate, and a place with one tenant there; with so many seconds of grace.
fn gated(grace: u32) -> (simulate::Server, Gate, Place, String) {
    let graph = simulate::Server::start(&[]);
    let gate = Gate::to(graph.http());
    let place = Place::with(&connection("main", &gate.url(), graph.http()));
    let key = place.add("contoso", "main", &[]);
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), format!("{text}\n[serve]\ngrace = {grace}\n")).unwrap();
    (graph, gate, place, key)
}

impl Held {
    /// With so many seconds of grace.
    fn new(grace: u32) -> Self {
        let (graph, gate, place, key) = gated(grace);
        let server = place.serve(&[]);
        gate.hold();
        let call = server.action(&key, MAIL, &mail());
        let call = std::thread::spawn(move || call.send());
        eventually("Graph has the mail", || {
            graph.requests().iter().any(|request| request["status"] == 202)
        });
        Self { server, place, key, gate, call, _graph: graph }
    }

    fn stop(&self) {
        self.server.signal("TERM");
        eventually("it stops", || self.server.ask("GET", "/readyz").send().status == 503);
    }
}

/// The run in the audit log, which ended so.
#[track_caller]
fn logged(place: &Place, outcome: &str) {
    let runs = place.audit(&[]);
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0]["outcome"], outcome, "{runs:?}");
    assert_eq!(runs[0]["writes"].as_array().unwrap().len(), 1, "{runs:?}");
}

#[test]
fn a_run_that_can_end_is_answered_and_new_ones_are_refused() {
    let held = Held::new(30);
    held.stop();
    let Held { server, place, key, gate, call, _graph } = held;
    server.ask("GET", "/readyz").send().problem(503, "stopping");
    server.ask("GET", "/healthz").send().done();
    let refused = server.action(&key, "is-license-available", &seats()).send();
    refused.problem(503, "stopping");
    assert!(!refused.header("retry-after").is_empty());
    // Under a key too, which is free afterwards.
    let refused = server.action(&key, MAIL, &mail()).header("Idempotency-Key", "later").send();
    refused.problem(503, "stopping");
    // Those who hold on to a connection do not hold up the end.
    let idle: Vec<_> =
        (0..10).map(|_| crate::serve::client::connect(&server.address()).unwrap()).collect();
    std::thread::sleep(Duration::from_millis(300));
    gate.release();
    assert_eq!(call.join().unwrap().done(), json!(null));
    let began = Instant::now();
    assert_eq!(server.ended_within(Duration::from_secs(20)), 0);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop(idle);
    logged(&place, "done");
    let server = place.serve(&[]);
    server.action(&key, MAIL, &mail()).header("Idempotency-Key", "later").send().done();
}

#[test]
fn a_run_that_cannot_end_is_told_with_its_writes() {
    let held = Held::new(1);
    held.server.signal("TERM");
    let answer = held.call.join().unwrap();
    let error = answer.problem(504, "outcome-unknown");
    assert_eq!(error["retrySafe"], false, "{error}");
    let completed = error["completed"].as_array().unwrap();
    assert_eq!(completed.len(), 1, "{error}");
    assert!(completed[0].as_str().unwrap().contains("sendMail"), "{error}");
    assert!(completed[0].as_str().unwrap().contains("unknown"), "{error}");
    let Held { server, place, gate, .. } = held;
    eventually("it says how many", || server.said().contains("1 run was interrupted"));
    assert_eq!(server.ended_within(Duration::from_secs(10)), 0);
    assert_eq!(place.audit(&["--unfinished"])[0]["run"], answer.run());
    // The next server finds out no more of a mail, and does not send it again.
    gate.release();
    let _server = place.serve(&[]);
    eventually("it has ended", || place.audit(&["--unfinished"]).is_empty());
    logged(&place, "outcome-unknown");
    assert_eq!(held._graph.requests().iter().filter(|it| it["status"] == 202).count(), 1);
}

#[test]
fn a_run_that_cannot_end_goes_on_with_the_next_server() {
    let (graph, gate, place, key) = gated(1);
    let server = place.serve(&[]);
    let posted = || {
        let is_user =
            |it: &serde_json::Value| it["method"] == "POST" && it["path"] == "/v1.0/users";
        graph.requests().iter().filter(|it| is_user(it)).count()
    };
    let create = |server: &Server| {
        let create = server.action(&key, "create-user", &account("allen"));
        create.header("Idempotency-Key", "allen")
    };
    let call = create(&server);
    gate.hold_at("POST /v1.0/users ");
    let call = std::thread::spawn(move || call.send());
    eventually("Graph has the user", || posted() == 1);
    server.signal("TERM");
    let told = call.join().unwrap().problem(504, "outcome-unknown");
    assert!(told["fix"].as_str().unwrap().contains("goes on"), "{told}");
    assert_eq!(server.ended_within(Duration::from_secs(10)), 0);
    gate.release();
    let server = place.serve(&[]);
    create(&server).send().done();
    assert_eq!(posted(), 1);
    let runs = place.audit(&[]);
    assert_eq!(
        (runs.len(), &runs[0]["outcome"], &runs[0]["resumed"]),
        (1, &json!("done"), &json!(true))
    );
}

#[test]
fn a_run_that_cannot_end_and_changed_nothing_is_told_to_come_back() {
    let (graph, gate, place, key) = gated(1);
    let server = place.serve(&[]);
    gate.hold();
    // The first request of the account only reads.
    let create = server.action(&key, "create-user", &account("allen"));
    let create = create.header("Idempotency-Key", "allen");
    let call = std::thread::spawn(move || create.send());
    eventually("Graph was asked", || {
        graph.requests().iter().any(|request| request["method"] == "GET")
    });
    server.signal("TERM");
    let told = call.join().unwrap();
    let error = told.problem(503, "stopping");
    assert_eq!((&error["retrySafe"], &error["completed"]), (&json!(true), &json!([])), "{error}");
    assert!(told.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(server.ended_within(Duration::from_secs(10)), 0);
    // Its key is free.
    gate.release();
    let server = place.serve(&[]);
    let create = server.action(&key, "create-user", &account("allen"));
    create.header("Idempotency-Key", "allen").send().done();
}

#[test]
fn asked_twice_it_waits_no_longer() {
    let held = Held::new(3_600);
    held.stop();
    let began = Instant::now();
    held.server.signal("TERM");
    held.call.join().unwrap().problem(504, "outcome-unknown");
    assert_eq!(held.server.ended_within(Duration::from_secs(10)), 0);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(held.place.audit(&["--unfinished"]).len(), 1);
}

#[test]
fn callers_who_go_on_asking_do_not_keep_it_from_ending() {
    let place = Place::new();
    let server = place.simulate(&[]);
    let call = server.action(server.key(), "is-license-available", &seats());
    call.send().done();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = call.try_send();
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        server.signal("TERM");
        let code = server.ended_within(Duration::from_secs(15));
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(code, 0);
    });
}

#[test]
fn ctrl_c_ends_it_when_nothing_goes_on() {
    let place = Place::new();
    let server = place.simulate(&[]);
    server.signal("INT");
    assert_eq!(server.ended_within(Duration::from_secs(5)), 0);
}
