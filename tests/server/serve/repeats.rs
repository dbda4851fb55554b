//! `Idempotency-Key`: a call that comes again, at the same time, later, and after a crash.

use std::collections::HashSet;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::serve::client::{Answer, Request};
use crate::serve::gate::Gate;
use crate::serve::server::{
    MAIL, Place, Server, account, connected, connection, eventually, mail, seats,
};
use support::simulate;

/// A call with a key of its caller's choice.
fn with_key(server: &Server, key: &str, action: &str, input: &Value, name: &str) -> Request {
    server.action(key, action, input).header("Idempotency-Key", name)
}

/// How often Graph was asked so and did it.
fn asked(graph: &simulate::Server, method: &str, path: &str) -> usize {
    let is_it = |request: &&Value| {
        request["method"] == method
            && request["path"].as_str().unwrap().starts_with(path)
            && request["status"].as_u64().unwrap() < 300
    };
    graph.requests().iter().filter(is_it).count()
}

/// Mails are sent from this path.
const SEND: &str = "/v1.0/users/noreply@contoso.onmicrosoft.com/sendMail";

/// A tenant on a Graph of its own, behind a gate.
fn gated() -> (simulate::Server, Gate, Place, String) {
    let graph = simulate::Server::start(&[]);
    let gate = Gate::to(graph.http());
    let place = Place::with(&connection("main", &gate.url(), graph.http()));
    let key = place.add("contoso", "main", &[]);
    (graph, gate, place, key)
}

#[tokio::test]
async fn the_first_answer_comes_again_byte_for_byte_also_after_a_restart() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let create = |server: &Server, input: &Value| {
        with_key(server, &key, "create-user", input, "first-of-all").send()
    };
    let first = create(&server, &account("allen"));
    assert_eq!(first.done()["userPrincipalName"], "allen@contoso.onmicrosoft.com");
    let same = |again: &Answer| {
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.run(), first.run());
        assert_eq!(again.header("content-type"), first.header("content-type"));
    };
    same(&create(&server, &account("allen")));
    // The same in another order, with spaces, in quotes.
    let input = account("allen");
    let members: Vec<String> = input
        .as_object()
        .unwrap()
        .iter()
        .rev()
        .map(|(name, value)| format!("\"{name}\" : {value}"))
        .collect();
    let call = with_key(&server, &key, "create-user", &input, "\"first-of-all\"");
    same(&call.body(format!("{{ {} }}", members.join(",\n"))).send());
    assert_eq!(asked(&graph, "POST", "/v1.0/users"), 2, "the user and the licence");

    // Another body, another action: none is the same call.
    create(&server, &account("beth")).problem(422, "key-reused");
    let mut weaker = account("allen");
    weaker["password"] = json!("0ther-passw0rd");
    create(&server, &weaker).problem(422, "key-reused");
    with_key(&server, &key, MAIL, &mail(), "first-of-all").send().problem(422, "key-reused");

    server.signal("TERM");
    assert_eq!(server.ended_within(Duration::from_secs(20)), 0);
    let server = place.serve(&[]);
    same(&create(&server, &account("allen")));
    create(&server, &account("beth")).problem(422, "key-reused");
    // And after it was killed.
    server.kill();
    let server = place.serve(&[]);
    same(&create(&server, &account("allen")));
    assert_eq!(asked(&graph, "POST", "/v1.0/users"), 2);

    // The log has the one run, under the digest of the key.
    let runs = place.audit(&["--action", "create-user"]);
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0]["run"], first.run());
    assert_eq!(runs[0]["idempotencyKey"].as_str().unwrap().len(), 64);
    // Without a key each call is a call: the user is there already.
    let again = server.action(&key, "create-user", &account("allen")).send();
    again.problem(409, "already-exists");
}

#[test]
fn the_only_connection_is_named_or_not() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let mut named = mail();
    named["connectionId"] = json!("main");
    let first = with_key(&server, &key, MAIL, &mail(), "named").send();
    first.done();
    let again = with_key(&server, &key, MAIL, &named, "named").send();
    assert_eq!((again.status, again.run()), (200, first.run()));
    with_key(&server, &key, MAIL, &named, "unnamed").send().done();
    with_key(&server, &key, MAIL, &mail(), "unnamed").send().done();
    assert_eq!(asked(&graph, "POST", SEND), 2);
}

#[test]
fn what_changes_nothing_uses_no_key() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    // A read runs each time, and a plan is not the run that it foretells.
    let seats = || with_key(&server, &key, "is-license-available", &seats(), "once").send();
    seats().done();
    seats().done();
    assert_eq!(asked(&graph, "GET", "/v1.0/subscribedSkus"), 2);
    let plan = server.ask("POST", "/v1/actions/create-user?plan=true").key(&key);
    plan.json(&account("allen")).header("Idempotency-Key", "once").send().done();
    // Refused by the server, by the component and by Graph: each is corrected under its key.
    let mut wrong = account("allen");
    wrong["displayNmae"] = json!("Allen");
    with_key(&server, &key, "create-user", &wrong, "once").send().problem(400, "invalid-input");
    let mut weak = account("allen");
    weak["password"] = json!("weak");
    with_key(&server, &key, "create-user", &weak, "once").send().problem(400, "invalid-input");
    with_key(&server, &key, "create-user", &account("allen"), "once").send().done();
    with_key(&server, &key, "create-user", &account("beth"), "once")
        .send()
        .problem(422, "key-reused");
}

#[test]
fn a_failure_comes_again_too() {
    let place = Place::new();
    let server = place.simulate(&[]);
    let call = || with_key(&server, server.key(), "create-user", &account("anna"), "taken").send();
    let first = call();
    first.problem(409, "already-exists");
    let again = call();
    assert_eq!((again.status, &again.body, again.run()), (409, &first.body, first.run()));
    assert_eq!(again.header("content-type"), "application/problem+json");
}

#[test]
fn fifty_at_once_are_one_run() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let call = with_key(&server, &key, "create-user", &account("allen"), "all-at-once");
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50).map(|_| scope.spawn(|| call.send())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    answers[0].done();
    let bodies: HashSet<&[u8]> = answers.iter().map(|answer| answer.body.as_slice()).collect();
    let runs: HashSet<String> = answers.iter().map(Answer::run).collect();
    assert_eq!((bodies.len(), runs.len()), (1, 1));
    assert_eq!(asked(&graph, "POST", "/v1.0/users"), 2, "the user and the licence");
    assert_eq!(place.audit(&[]).len(), 1);
}

#[test]
fn a_call_that_a_kill_cut_off_is_not_made_again() {
    let (graph, gate, place, key) = gated();
    let server = place.serve(&[]);
    gate.hold();
    let call = |server: &Server| with_key(server, &key, MAIL, &mail(), "one-mail");
    let (held, waits) = (call(&server), call(&server));
    let (held, waits) =
        (std::thread::spawn(move || held.try_send()), std::thread::spawn(move || waits.try_send()));
    eventually("Graph has the mail", || asked(&graph, "POST", SEND) == 1);
    server.kill();
    assert!(held.join().unwrap().is_err(), "nobody answers");
    assert!(waits.join().unwrap().is_err(), "nobody answers who waits for the same");
    gate.release();

    let server = place.serve(&[]);
    let first = call(&server).send();
    let error = first.problem(504, "outcome-unknown");
    assert_eq!(error["retrySafe"], false, "{error}");
    let run = first.run();
    let again = call(&server).send();
    assert_eq!((again.status, &again.body, again.run()), (504, &first.body, run.clone()));
    assert_eq!(asked(&graph, "POST", SEND), 1, "it is not sent again");
    // The log says what is known.
    let runs = place.audit(&["--run", &run]);
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0]["tenant"], "contoso");
    let write = &runs[0]["writes"][0];
    assert_eq!((&write["method"], write["status"].as_u64()), (&json!("POST"), None), "{write}");
    assert!(write["url"].as_str().unwrap().ends_with(SEND), "{write}");
    assert_eq!(runs[0]["resumed"], true, "{runs:?}");
    assert_eq!(place.audit(&["--unfinished"]).len(), 0);
    // Under a new key it is another call.
    with_key(&server, &key, MAIL, &mail(), "another-mail").send().done();
    assert_eq!(asked(&graph, "POST", SEND), 2);
}

#[test]
fn what_may_be_repeated_is_made_again_after_a_kill() {
    let (graph, gate, place, key) = gated();
    let server = place.serve(&[]);
    gate.hold();
    let deletion = json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" });
    let call = |server: &Server| with_key(server, &key, "delete-user", &deletion, "gone");
    let held = call(&server);
    let held = std::thread::spawn(move || held.try_send());
    eventually("Graph has deleted", || asked(&graph, "DELETE", "/v1.0/users/anna") == 1);
    server.kill();
    assert!(held.join().unwrap().is_err());
    gate.release();
    let server = place.serve(&[]);
    // Who is gone already is deleted.
    assert_eq!(call(&server).send().done(), Value::Null);
}

#[test]
fn the_caller_who_goes_away_finds_the_answer_later() {
    let (graph, gate, place, key) = gated();
    let server = place.serve(&[]);
    gate.hold();
    let call = with_key(&server, &key, MAIL, &mail(), "left");
    call.leave_after(Duration::from_millis(300));
    eventually("Graph has the mail", || asked(&graph, "POST", SEND) == 1);
    gate.release();
    assert_eq!(call.send().done(), Value::Null);
    assert_eq!(asked(&graph, "POST", SEND), 1);
}

#[test]
fn what_passes_and_did_nothing_leaves_its_key_free() {
    let (_graph, gate, place, key) = gated();
    place.set("tenants.contoso", "time-limit = 1");
    let server = place.serve(&[]);
    let call = |action: &str, input: &Value, name: &str| {
        with_key(&server, &key, action, input, name).send()
    };
    call("is-license-available", &seats(), "warm").done();
    gate.hold();
    let late = call("is-license-available", &seats(), "read").problem(429, "throttled");
    assert_eq!(late["retrySafe"], true, "{late}");
    // Of a mail that is on its way nobody knows, and so it is never sent again.
    let sent = call(MAIL, &mail(), "write");
    assert_eq!(sent.problem(504, "outcome-unknown")["retrySafe"], false);
    gate.release();
    call("is-license-available", &seats(), "read").done();
    let again = call(MAIL, &mail(), "write");
    assert_eq!((again.status, again.run()), (504, sent.run()));
}

#[test]
fn a_refused_call_leaves_its_key_free() {
    let (_graph, gate, place, key) = gated();
    place.set("tenants.contoso", "concurrent-runs = 1\nqueue-length = 0");
    let server = place.serve(&[]);
    // A wrong input, then the right one.
    let call = |input: &Value| with_key(&server, &key, MAIL, input, "reused").send();
    call(&json!({ "recipient": "anna.berg@contoso.com" })).problem(400, "invalid-input");
    call(&json!({ "color": "red" })).problem(400, "invalid-input");
    call(&mail()).done();
    call(&json!({ "color": "red" })).problem(422, "key-reused");
    // No such action, then one.
    let other = |action: &str| with_key(&server, &key, action, &seats(), "other").send();
    other("get-available-licence-count").problem(404, "no-such-action");
    other("get-available-license-count").done();
    // Busy, and then not.
    gate.hold();
    let held = server.action(&key, "is-license-available", &seats());
    let held = std::thread::spawn(move || held.send());
    eventually("it runs", || {
        server.get(&key, "/metrics").text().contains("o365_running{tenant=\"contoso\"} 1")
    });
    let late = || with_key(&server, &key, "is-license-available", &seats(), "late").send();
    late().problem(429, "busy");
    late().problem(429, "busy");
    gate.release();
    held.join().unwrap().done();
    late().done();
}

#[test]
fn a_key_of_the_tenant_that_was_replaced_makes_no_second_user() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let old = place.add("contoso", "main", &[]);
    let new = place.o365(&["tenant", "add", "contoso", "--another-key"]).result();
    let new = new["key"].as_str().unwrap();
    let server = place.serve(&[]);
    let create = |key: &str, nickname: &str| {
        with_key(&server, key, "create-user", &account(nickname), "moved").send()
    };
    let first = create(&old, "allen");
    first.done();
    let again = create(new, "allen");
    assert_eq!((again.status, &again.body, again.run()), (200, &first.body, first.run()));
    create(new, "beth").problem(422, "key-reused");
    assert_eq!(asked(&graph, "POST", "/v1.0/users"), 2, "the user and the licence");
}

#[tokio::test]
async fn tenants_with_the_same_key_do_not_meet() {
    let (one, other) = (simulate::Server::start(&[]), simulate::Server::start(&[]));
    let place = Place::with(&(connected("main", &one) + &connected("other", &other)));
    let keys = [place.add("contoso", "main", &[]), place.add("fabrikam", "other", &[])];
    let server = place.serve(&[]);
    let answers =
        keys.map(|key| with_key(&server, &key, "create-user", &account("allen"), "same").send());
    answers.iter().for_each(|answer| drop(answer.done()));
    assert_ne!(answers[0].run(), answers[1].run());
    for graph in [&one, &other] {
        let token = graph.token().await;
        let path = "/users/allen@contoso.onmicrosoft.com";
        assert_eq!(graph.graph(Method::GET, path, &token, Value::Null).await.status, 200);
    }
}

/// A deletion of nobody is a success that says so: in a header, again with the answer that is
/// kept, and in the audit log.
#[tokio::test]
async fn what_is_to_be_said_beside_a_result_comes_again_with_it() {
    let graph = simulate::Server::start(&[]);
    let place = Place::with(&connected("main", &graph));
    let key = place.add("contoso", "main", &[]);
    let server = place.serve(&[]);
    let delete = |name: &str| {
        let input = json!({ "userPrincipalName": format!("{name}@contoso.onmicrosoft.com") });
        with_key(&server, &key, "delete-user", &input, &format!("{}th", name.len())).send()
    };
    let warning = "nobody in the tenant has the name nobody@contoso.onmicrosoft.com, so nobody was deleted; a mail address is not always the user principal name";
    let (first, again) = (delete("nobody"), delete("nobody"));
    for answer in [&first, &again] {
        assert_eq!((answer.done(), answer.header("run-warning")), (Value::Null, warning));
    }
    let lines = place.audit(&["--run", &first.run()]);
    assert_eq!(lines[0]["warnings"], json!([warning]));
    // A header holds ASCII.
    let odd = delete("jürgen");
    assert!(odd.header("run-warning").contains("the name j%C3%BCrgen@"), "{}", odd.text());
    let there = delete("anna");
    assert_eq!((there.done(), there.header("run-warning")), (Value::Null, ""));
}
