//! Runs that a kill of the server has interrupted go on when it starts again.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::killed::{graph, lagging, random_time};
use crate::serve::client::Answer;
use crate::serve::server::{MAIL, Place, Server, account, connected, eventually, mail};
use support::simulate;

/// How many servers are killed side by side. A run that does not find its account looks for it for
/// half a minute, in which its server has nothing else to do.
const PLACES: usize = 4;

/// How often each of them is killed.
const ROUNDS: usize = 10;

/// How many callers there are at a time.
const CALLERS: usize = 8;

/// A call with its idempotency key.
#[derive(Clone, Debug)]
struct Keyed {
    action: &'static str,
    key: String,
    input: Value,
}

impl Keyed {
    fn create(number: usize) -> Self {
        let input = account(&format!("user{number}"));
        Self { action: "create-user", key: format!("create-{number}"), input }
    }

    fn mail(number: usize) -> Self {
        Self { action: MAIL, key: format!("mail-{number}"), input: mail() }
    }

    fn send(&self, server: &Server, key: &str) -> std::io::Result<Answer> {
        let call = server.action(key, self.action, &self.input);
        call.header("Idempotency-Key", &self.key).try_send()
    }
}

/// A place whose tenant may have as many runs as there are callers.
fn place(graph: fn(&Place) -> simulate::Server) -> (Place, simulate::Server, String) {
    let place = Place::new();
    let graph = graph(&place);
    fs::write(place.config(), connected("main", &graph)).unwrap();
    let key = place.add("contoso", "main", &[]);
    place.set("tenants.contoso", "concurrent-runs = 16");
    (place, graph, key)
}

/// Calls until the server is gone; the calls that it did not answer.
fn load(server: &Server, key: &str, number: &AtomicUsize, gone: &AtomicBool) -> Vec<Keyed> {
    while !gone.load(Ordering::Relaxed) {
        let one = number.fetch_add(1, Ordering::Relaxed);
        let calls = match one % 4 {
            0 => vec![Keyed::mail(one)],
            _ => vec![Keyed::create(one)],
        };
        for call in calls {
            match call.send(server, key) {
                Ok(answer) => drop(answer.done()),
                Err(_) => return vec![call],
            }
        }
    }
    Vec::new()
}

/// Kills a server at its work; the calls that it did not answer.
fn killed(place: &Place, graph: &simulate::Server, key: &str, number: &AtomicUsize) -> Vec<Keyed> {
    let server = place.serve(&[]);
    let (gone, cut) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let callers: Vec<_> =
            (0..CALLERS).map(|_| scope.spawn(|| load(&server, key, number, &gone))).collect();
        let before = graph.requests().len();
        eventually("it works", || graph.requests().len() > before);
        thread::sleep(random_time());
        server.signal("KILL");
        gone.store(true, Ordering::Relaxed);
        for caller in callers {
            cut.lock().unwrap().extend(caller.join().unwrap());
        }
    });
    server.kill();
    cut.into_inner().unwrap()
}

#[test]
fn after_forty_kills_every_account_is_complete_and_nothing_was_done_twice() {
    thread::scope(|scope| {
        let places: Vec<_> = (0..PLACES).map(|_| scope.spawn(killed_again_and_again)).collect();
        let places: Vec<Found> = places.into_iter().map(|place| place.join().unwrap()).collect();
        let sum = |of: fn(&Found) -> usize| places.iter().map(of).sum::<usize>();
        println!(
            "{} calls cut by {} kills; {} users, all with a licence; {} mails; {} outcome-unknown, \
             all of mails",
            sum(|it| it.cut),
            PLACES * ROUNDS,
            sum(|it| it.users),
            sum(|it| it.mails),
            sum(|it| it.unknown),
        );
    });
}

/// What was found after the last kill of a server.
struct Found {
    cut: usize,
    users: usize,
    mails: usize,
    unknown: usize,
}

fn killed_again_and_again() -> Found {
    let (place, graph, key) = place(graph);
    let number = AtomicUsize::new(0);
    let (mut cut, mut unknown) = (0, Vec::new());
    for _ in 0..ROUNDS {
        let calls = killed(&place, &graph, &key, &number);
        cut += calls.len();
        let server = place.serve(&[]);
        for call in calls {
            let answer = call.send(&server, &key).unwrap();
            if answer.status == 200 {
                answer.done();
            } else {
                answer.problem(504, "outcome-unknown");
                unknown.push(call);
            }
        }
        server.kill();
    }
    assert!(cut > ROUNDS, "{cut}");
    // Whether a mail in flight was sent is not known, and it is not sent again.
    assert!(unknown.iter().all(|call| call.action == MAIL), "{unknown:?}");
    drop(place.serve(&[]));
    assert_eq!(place.audit(&["--unfinished"]), Vec::<Value>::new());

    assert_eq!(graph.interrupt(), 0);
    let state: Value =
        serde_json::from_slice(&fs::read(place.path("tenant.json")).unwrap()).unwrap();
    let users = state["tenant"]["users"].as_array().unwrap();
    let mut licences = BTreeMap::new();
    for user in users {
        let nickname = user["mailNickname"].as_str().unwrap_or_default();
        if nickname.starts_with("user") {
            let licensed = user["licenses"].as_array().map_or(0, Vec::len);
            assert_eq!(
                licences.insert(nickname.to_owned(), licensed),
                None,
                "{nickname} is there twice"
            );
        }
    }
    let without: Vec<_> = licences.iter().filter(|(_, licensed)| **licensed == 0).collect();
    let created = number.load(Ordering::Relaxed).div_ceil(4) * 3;
    let mails = state["tenant"]["mail"].as_array().unwrap().len();
    assert_eq!(without, Vec::new());
    assert!(licences.len() + 3 >= created, "{} of {created}", licences.len());
    Found { cut, users: licences.len(), mails, unknown: unknown.len() }
}

#[test]
fn a_run_that_waits_for_graph_comes_to_its_end_however_often_its_server_is_killed() {
    // It waits 1, 2 and 4 seconds for the user, and again for the licence.
    let (place, graph, key) = place(|place| lagging(place, 3));
    let create = Keyed::create(1);
    let mut lives = 0;
    let answer = loop {
        lives += 1;
        assert!(lives < 25, "it does not end");
        let server = place.serve(&[]);
        let killed = thread::scope(|scope| {
            let caller = scope.spawn(|| create.send(&server, &key));
            thread::sleep(Duration::from_secs(2));
            server.signal("KILL");
            caller.join().unwrap()
        });
        server.kill();
        if let Ok(answer) = killed {
            break answer;
        }
    };
    answer.done();
    println!("it has ended in life {lives}");
    assert!(lives > 2, "{lives}");
    let creations = graph.requests();
    let creations =
        creations.iter().filter(|it| it["method"] == "POST" && it["path"] == "/v1.0/users");
    assert_eq!(creations.count(), 1);
}
