//! Runs of servers that are killed, sleep or are stopped: another server continues them.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cluster::Cluster;
use crate::serve::client::{Answer, Request};
use crate::serve::gate::Gate;
use crate::serve::server::{Server, account, connection, eventually};
use support::simulate;

/// Longer than a lease, and the search for the runs of a process whose lease has ended.
const TAKEOVER: Duration = Duration::from_secs(20);

/// Two servers, of which the first is caught when Graph has the user, and nobody else knows.
struct Caught {
    cluster: Cluster,
    graph: simulate::Server,
    gate: Gate,
    first: Server,
    second: Server,
    call: JoinHandle<std::io::Result<Answer>>,
}

impl Caught {
    fn new() -> Option<Self> {
        let graph = simulate::Server::start(&[]);
        let gate = Gate::to(graph.http());
        let connection = connection("main", &gate.url(), graph.http());
        let cluster = Cluster::new(&[connection.clone(), connection])?;
        let (first, second) = (cluster.serve(0), cluster.serve(1));
        gate.hold_at("POST /v1.0/users ");
        let call = create(&first, &cluster.key);
        let call = thread::spawn(move || call.try_send());
        eventually("Graph has the user", || users(&graph) == 1);
        Some(Self { cluster, graph, gate, first, second, call })
    }

    /// The answer of the second server to a repeat.
    fn repeated(&self) -> Answer {
        create(&self.second, &self.cluster.key).send()
    }

    /// Checks that the second server has continued the run, and nothing was made twice.
    fn is_continued(&self, answer: &Answer) {
        answer.done();
        assert_eq!(users(&self.graph), 1);
        assert_eq!(asked(&self.graph, "assignLicense"), 1);
        let runs = self.cluster.places[1].audit(&[]);
        assert_eq!((runs.len(), &runs[0]["resumed"]), (1, &true.into()), "{runs:?}");
        assert_eq!(runs[0]["run"], answer.run());
    }
}

fn create(server: &Server, key: &str) -> Request {
    let create = server.action(key, "create-user", &account("allen"));
    create.header("Idempotency-Key", "allen")
}

fn users(graph: &simulate::Server) -> usize {
    let created = |it: &&Value| it["method"] == "POST" && it["path"] == "/v1.0/users";
    graph.requests().iter().filter(created).count()
}

/// How often Graph was asked for what the path ends with.
fn asked(graph: &simulate::Server, end: &str) -> usize {
    let is_it = |it: &&Value| it["path"].as_str().unwrap().ends_with(end);
    graph.requests().iter().filter(is_it).count()
}

#[test]
fn a_run_of_a_killed_server_goes_on_in_another() {
    let Some(caught) = Caught::new() else { return };
    caught.first.signal("KILL");
    caught.gate.release();
    let began = Instant::now();
    let answer = caught.repeated();
    println!("answered {:?} after the kill", began.elapsed());
    assert!(began.elapsed() < TAKEOVER, "{:?}", began.elapsed());
    caught.is_continued(&answer);
}

#[test]
fn a_server_that_slept_sends_nothing_more_of_a_run_that_another_has_continued() {
    let Some(caught) = Caught::new() else { return };
    caught.first.signal("STOP");
    // The answer waits for the sleeper.
    caught.gate.release();
    let answer = caught.repeated();
    caught.is_continued(&answer);
    let before = caught.graph.requests().len();
    caught.first.signal("CONT");
    // Its own caller hears of the outcome, which is the other's.
    let own = caught.call.join().unwrap().unwrap();
    assert_eq!((own.status, &own.body), (200, &answer.body), "{}", own.text());
    thread::sleep(Duration::from_secs(2));
    let after = caught.graph.requests().split_off(before);
    assert_eq!(after, Vec::<Value>::new(), "requests of the sleeper");
    // It takes part again.
    let count = caught.first.action(
        &caught.cluster.key,
        "get-available-license-count",
        &crate::serve::server::seats(),
    );
    count.send().done();
}

#[test]
fn a_run_that_a_stop_has_cut_goes_on_at_once_in_another() {
    let Some(caught) = Caught::new() else { return };
    caught.first.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    caught.first.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    caught.gate.release();
    let began = Instant::now();
    let answer = caught.repeated();
    println!("answered {:?} after the stop", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    caught.is_continued(&answer);
}
