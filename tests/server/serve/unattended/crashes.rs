//! What a kill or a stop of the server leaves.

use std::fs;
use std::time::Duration;

use super::{House, polled, state, target};
use crate::serve::client::Answer;
use crate::serve::server::{account, eventually, seats};

/// The answer to a poll, of a server that may have started anew.
fn result(house: &House, accepted: &Answer) -> Answer {
    let target = format!("/v1/runs/{}", accepted.run());
    eventually("it has ended", || house.server.get(&house.key, &target).status != 202);
    house.server.get(&house.key, &target)
}

#[test]
fn a_kill_right_after_the_acceptance_loses_no_run() {
    let mut house = House::with("concurrent-runs = 2\nqueue-length = 64");
    let mut accepted = Vec::new();
    for round in 0..5 {
        // The runs wait for Graph, or for their turn.
        house.gate.hold();
        for one in 0..4 {
            let name = format!("user{round}x{one}");
            let call = house.later("create-user", &account(&name)).header("Idempotency-Key", &name);
            let answer = call.send();
            assert_eq!(answer.status, 202, "{}", answer.text());
            accepted.push((name, answer));
        }
        let reads = house.later("is-license-available", &seats()).send();
        house.server.signal("KILL");
        house = house.restart();
        house.gate.release();
        assert_eq!(result(&house, &reads).done(), true);
    }
    for (name, first) in &accepted {
        assert_eq!(result(&house, first).run(), first.run());
        result(&house, first).done();
        let call = house.later("create-user", &account(name)).header("Idempotency-Key", name);
        let again = call.send();
        assert_eq!((again.status, again.run(), &again.body), (202, first.run(), &first.body));
        polled(&house.server, &target(&house.server, &again)).done();
        let shown = state(&house.server, &house.key, &first.run());
        assert_eq!(shown["state"], "done", "{shown}");
    }
    assert_eq!(house.writes("/users"), accepted.len());
    // Nothing is left to do for the next server.
    house = house.restart();
    assert_eq!(house.place.audit(&["--unfinished"]).len(), 0);
    let journals = house.place.path("state/runs");
    let text: String = fs::read_dir(journals)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "journal"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    assert!(!text.contains("user0x0"), "{text}");
}

#[test]
fn results_outlive_the_server() {
    let house = House::new();
    let accepted = house.later("is-license-available", &seats()).send();
    let first = polled(&house.server, &target(&house.server, &accepted));
    let token = accepted.header("location").split_once("/v1/").unwrap().1.to_owned();
    let house = house.restart();
    // Also to who has the token of the server before.
    let again = house.server.ask("GET", &format!("/v1/{token}")).send();
    assert_eq!((again.status, again.body), (first.status, first.body));
    assert_eq!(state(&house.server, &house.key, &accepted.run())["state"], "done");
}

#[test]
fn a_stop_leaves_what_waits_to_the_next_server() {
    let house = House::with("concurrent-runs = 1");
    let text = fs::read_to_string(house.place.config()).unwrap();
    fs::write(house.place.config(), format!("[serve]\ngrace = 1\n\n{text}")).unwrap();
    let house = house.restart();
    house.gate.hold();
    let runs: Vec<Answer> =
        ["a", "b", "c"].map(|name| house.later("create-user", &account(name)).send()).into();
    house.server.signal("TERM");
    let House { graph, gate, place, server, key } = house;
    assert_eq!(server.ended_within(Duration::from_secs(20)), 0);
    gate.release();
    let server = place.serve(&[]);
    let house = House { graph, gate, place, server, key };
    for accepted in &runs {
        result(&house, accepted).done();
    }
    assert_eq!(house.writes("/users"), 3);
}

#[test]
fn a_damaged_store_is_refused_at_the_start() {
    let house = House::new();
    let path = house.place.path("state/store.redb");
    let House { place, server, .. } = house;
    server.kill();
    let good = fs::read(&path).unwrap();
    fs::write(&path, &good[..good.len() / 2]).unwrap();
    let error = place.o365(&["serve", "--address", "127.0.0.1:0"]).error();
    assert!(error["message"].as_str().unwrap().contains("store.redb is damaged"), "{error}");
    assert!(error["fix"].as_str().unwrap().contains("move it away"), "{error}");
    fs::write(&path, good).unwrap();
    drop(place.serve(&[]));
}
