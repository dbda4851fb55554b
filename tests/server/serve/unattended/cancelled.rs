//! Runs that are cancelled.

use serde_json::Value;

use super::{House, polled, state, target};
use crate::serve::client::Answer;
use crate::serve::server::{account, eventually, seats};

fn cancel(house: &House, run: &str) -> Answer {
    house.server.ask("DELETE", &format!("/v1/runs/{run}")).key(&house.key).send()
}

/// Accepts the creation of a user, and holds Graph's answer to its first write.
fn held_at_its_write(house: &House) -> (Answer, String) {
    house.gate.hold_at("POST /v1.0/users HTTP");
    let accepted = house.later("create-user", &account("allen")).send();
    eventually("Graph has the user", || house.gate.is_held() && house.writes("/users") == 1);
    let target = target(&house.server, &accepted);
    (accepted, target)
}

#[test]
fn a_run_is_cancelled_before_its_next_write() {
    let house = House::new();
    let (accepted, target) = held_at_its_write(&house);
    let cancelled = cancel(&house, &accepted.run());
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    assert_eq!(cancelled.json()["cancelling"], true);
    // A write that is under way gets its response.
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(house.server.ask("GET", &target).send().status, 202);
    let again = cancel(&house, &accepted.run());
    assert_eq!(again.status, 202);
    house.gate.release();
    let ended = polled(&house.server, &target);
    let error = ended.problem(409, "cancelled");
    let completed = error["completed"].as_array().unwrap();
    assert_eq!(completed.len(), 1, "{error}");
    assert!(completed[0].as_str().unwrap().ends_with("/users returned 201"), "{error}");
    assert_eq!(house.writes(""), 1);
    let shown = state(&house.server, &house.key, &accepted.run());
    assert_eq!((&shown["state"], &shown["kind"]), (&"cancelled".into(), &"cancelled".into()));
    let audit = house.place.audit(&["--run", &accepted.run()]);
    assert_eq!(audit[0]["outcome"], "cancelled", "{audit:?}");
    // It has ended, and stays as it is.
    let after = cancel(&house, &accepted.run());
    assert_eq!((after.status, &after.json()["state"]), (200, &"cancelled".into()));
    assert_eq!(house.server.ask("GET", &target).send(), ended);
}

#[test]
fn a_run_that_waits_or_reads_is_cancelled_at_once() {
    let house = House::with("concurrent-runs = 1");
    house.gate.hold();
    let reads = house.later("is-license-available", &seats()).send();
    let waits = house.later("create-user", &account("allen")).send();
    for accepted in [&waits, &reads] {
        assert_eq!(cancel(&house, &accepted.run()).status, 202);
        let ended = polled(&house.server, &target(&house.server, accepted));
        let error = ended.problem(409, "cancelled");
        assert_eq!(error["completed"], Value::Array(Vec::new()), "{error}");
    }
    house.gate.release();
    assert_eq!(house.writes(""), 0);
    assert_eq!(house.place.audit(&["--failed"]).len(), 2);
    // The place is free again.
    let next = house.later("create-user", &account("barry")).send();
    polled(&house.server, &target(&house.server, &next)).done();
}

#[test]
fn a_run_that_is_cancelled_before_a_crash_stays_cancelled_after_it() {
    let house = House::new();
    let (accepted, _) = held_at_its_write(&house);
    assert_eq!(cancel(&house, &accepted.run()).status, 202);
    let house = house.restart();
    house.gate.release();
    let path = format!("/v1/runs/{}", accepted.run());
    eventually("it has ended", || house.server.get(&house.key, &path).status != 202);
    let error = house.server.get(&house.key, &path).problem(409, "cancelled");
    let completed = error["completed"][0].as_str().unwrap_or_default();
    assert!(completed.contains("/users was sent; its response is unknown"), "{error}");
    assert_eq!(house.writes(""), 1);
}

#[test]
fn a_run_that_has_ended_is_not_cancelled() {
    let house = House::new();
    let accepted = house.later("is-license-available", &seats()).send();
    let ended = polled(&house.server, &target(&house.server, &accepted));
    ended.done();
    let answer = cancel(&house, &accepted.run());
    assert_eq!((answer.status, &answer.json()["state"]), (200, &"done".into()));
    house.server.get(&house.key, &format!("/v1/runs/{}", accepted.run())).done();
}
