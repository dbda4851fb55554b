//! Runs that nobody waits for: a server with room takes those that wait in a full one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::cluster::Cluster;
use crate::serve::client::Answer;
use crate::serve::gate::Gate;
use crate::serve::server::{Server, account, connection, eventually};
use support::simulate;

/// The runs that one server has at a time.
const PLACES: usize = 2;

/// The runs that the first server accepts.
const RUNS: usize = 6;

fn later(server: &Server, key: &str, number: usize) -> Answer {
    let call = server.action(key, "create-user", &account(&format!("user{number}")));
    let answer = call.header("Prefer", "respond-async").send();
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer
}

/// How many runs of the tenant are in each state.
fn states(server: &Server, key: &str) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for run in server.get(key, "/v1/runs").done()["runs"].as_array().unwrap() {
        *states.entry(run["state"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    states
}

/// The users that Graph has created, each as often as it has.
fn created(graph: &simulate::Server) -> Vec<Value> {
    let requests = graph.requests();
    let created = |it: &&Value| it["method"] == "POST" && it["path"] == "/v1.0/users";
    requests.iter().filter(created).cloned().collect()
}

/// The runs in the audit log of a server.
fn logged(cluster: &Cluster, server: usize) -> BTreeSet<String> {
    let runs = cluster.places[server].audit(&[]);
    runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_with_room_runs_what_waits_in_a_full_one() {
    let graph = simulate::Server::start(&[]);
    let gate = Gate::to(graph.http());
    let connection = connection("main", &gate.url(), graph.http());
    let Some(cluster) = Cluster::new(&[connection.clone(), connection]) else { return };
    cluster.set("serve", &format!("max-runs = {PLACES}"));
    cluster.set("tenants.contoso", "concurrent-runs = 50");
    let first = cluster.serve(0);
    gate.hold();
    let accepted: Vec<Answer> =
        (0..RUNS).map(|number| later(&first, &cluster.key, number)).collect();
    let second = cluster.serve(1);
    let running = || states(&second, &cluster.key).get("running").copied();
    eventually("both servers are full", || running() == Some(2 * PLACES));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(running(), Some(2 * PLACES), "no server has more than its places");
    gate.release();
    eventually("all are done", || states(&first, &cluster.key).get("done") == Some(&RUNS));
    for answer in &accepted {
        // Any server has the result.
        for server in [&first, &second] {
            server.get(&cluster.key, &format!("/v1/runs/{}", answer.run())).done();
        }
    }
    assert_eq!(created(&graph).len(), RUNS);
    let [one, other] = [0, 1].map(|server| logged(&cluster, server));
    println!("{} runs ended in the first server, {} in the second", one.len(), other.len());
    assert!(other.len() >= PLACES, "{other:?}");
    assert!(one.is_disjoint(&other) && one.len() + other.len() == RUNS, "{one:?} {other:?}");
}
