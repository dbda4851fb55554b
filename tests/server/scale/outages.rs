//! The store is not there, or not what it should be.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::cluster::{Cluster, secret, shared};
use crate::serve::server::{Place, account, connected, eventually, seats};
use runner::store::process::LEASE;
use support::{program, simulate};

/// What a server says that does not start.
fn refused(place: &Place) -> String {
    let output = Command::new(program())
        .args(["serve", "--address", "127.0.0.1:0", "--config"])
        .arg(place.config())
        .env("O365_STATE_DIR", place.path("state"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_server_does_not_start_without_its_store() {
    let graph = simulate::Server::start(&[]);
    let place =
        Place::with(&format!("{}{}", shared("nats://127.0.0.1:1"), connected("main", &graph)));
    place.add("contoso", "main", &[]);
    secret(&place);
    let said = refused(&place);
    assert!(said.contains("nats://127.0.0.1:1") && said.contains("cannot be used"), "{said}");
}

#[test]
fn a_server_does_not_start_with_a_key_that_is_none_or_another() {
    let graph = simulate::Server::start(&[]);
    let connection = connected("main", &graph);
    let Some(cluster) = Cluster::new(&[connection.clone(), connection]) else { return };
    drop(cluster.serve(0));
    let place = &cluster.places[1];
    fs::write(place.path("store-key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    let said = refused(place);
    assert!(said.contains("store-key"), "{said}");
    fs::write(place.path("store-key"), "short").unwrap();
    let said = refused(place);
    assert!(said.contains("openssl rand -base64 32"), "{said}");
}

#[test]
fn without_the_store_what_writes_is_refused_and_what_reads_goes_on() {
    let graph = simulate::Server::start(&[]);
    let Some(mut cluster) = Cluster::new(&[connected("main", &graph)]) else { return };
    let (server, key) = (cluster.serve(0), cluster.key.clone());
    let create = |nickname: &str| server.action(&key, "create-user", &account(nickname));
    let count = || server.action(&key, "get-available-license-count", &seats()).send();
    create("before").send().done();
    cluster.nats[0].kill();
    let before = graph.requests().len();
    eventually("it is refused", || create("between").send().status == 503);
    for call in [create("between"), create("between").header("Idempotency-Key", "between")] {
        let answer = call.send();
        answer.problem(503, "unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{:?}", answer.headers);
    }
    let writes = |from: usize| {
        let all = graph.requests().split_off(from);
        all.into_iter().filter(|request| request["method"] != "GET").count()
    };
    assert_eq!(writes(before), 0);
    count().done();
    cluster.nats[0].restart();
    eventually("it is there again", || create("after").send().status != 503);
}

/// What was borrowed before has ended with the lease, and the store still shows it.
#[test]
fn after_an_outage_longer_than_a_lease_runs_have_their_permits_again() {
    let graph = simulate::Server::start(&[]);
    let Some(mut cluster) = Cluster::new(&[connected("main", &graph)]) else { return };
    let (server, key) = (cluster.serve(0), cluster.key.clone());
    let create = |nickname: &str| server.action(&key, "create-user", &account(nickname));
    create("before").send().done();
    // At once, before the permits are returned, which is after an idle second.
    cluster.nats[0].kill();
    std::thread::sleep(LEASE + Duration::from_secs(1));
    cluster.nats[0].restart();
    eventually("it is there again", || create("after").send().status != 503);
}
