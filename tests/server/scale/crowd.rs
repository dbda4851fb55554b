//! Many creations while servers and the store are killed and started again.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cluster::Cluster;
use crate::serve::killed::graph;
use crate::serve::server::{Place, Server, account, connected};

/// With this set to 1, the test is as large as its figures in `docs/scale.md`.
const LARGE: &str = "O365_LARGE_TESTS";

/// The callers at a time.
const CALLERS: usize = 12;

/// The time between two kills of a server.
const KILLS: Duration = Duration::from_secs(2);

/// The longest time for one account, with all repeats.
const PATIENCE: Duration = Duration::from_secs(180);

/// What happened.
#[derive(Default)]
struct Counts {
    done: AtomicUsize,
    repeats: AtomicUsize,
    unknown: Mutex<Vec<usize>>,
}

fn is_large() -> bool {
    std::env::var_os(LARGE).is_some_and(|value| value == "1")
}

/// Creates an account, at one server after the other, until one says how it went.
fn create(servers: &[Mutex<Option<Server>>], key: &str, number: usize, counts: &Counts) {
    let began = Instant::now();
    for attempt in number.. {
        assert!(began.elapsed() < PATIENCE, "user{number} is not done after {PATIENCE:?}");
        let call = {
            let server = servers[attempt % servers.len()].lock().unwrap();
            let Some(server) = server.as_ref() else { continue };
            let call = server.action(key, "create-user", &account(&format!("user{number}")));
            call.header("Idempotency-Key", &format!("create-{number}"))
        };
        match call.try_send() {
            Ok(answer) if answer.status == 200 => {
                counts.done.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Ok(answer) if answer.status == 504 && answer.json()["error"]["retrySafe"] == false => {
                println!("user{number}: {}", answer.text());
                counts.unknown.lock().unwrap().push(number);
                return;
            }
            _ => {
                counts.repeats.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// Kills a server every two seconds, and the store twice, until the last account is begun. A run
/// that waits for Graph's directory needs a server that lives as long.
fn kill_in_turn(
    cluster: &Mutex<Cluster>,
    servers: &[Mutex<Option<Server>>],
    begun: &AtomicUsize,
    most: usize,
) -> usize {
    let (mut kills, mut outages) = (0, 0);
    while begun.load(Ordering::Relaxed) < most {
        thread::sleep(KILLS);
        let number = kills % servers.len();
        let server = servers[number].lock().unwrap().take();
        server.unwrap().kill();
        let again = cluster.lock().unwrap().serve(number);
        *servers[number].lock().unwrap() = Some(again);
        kills += 1;
        if outages < 2 && begun.load(Ordering::Relaxed) > (outages + 1) * most / 3 {
            let mut cluster = cluster.lock().unwrap();
            cluster.nats.kill();
            thread::sleep(Duration::from_millis(500));
            cluster.nats.restart();
            outages += 1;
        }
    }
    assert_eq!(outages, 2, "the store was killed twice");
    kills
}

#[test]
fn every_account_is_complete_while_servers_and_the_store_are_killed() {
    let most = if is_large() { 1_000 } else { 150 };
    let place = Place::new();
    let graph = graph(&place);
    let connection = connected("main", &graph);
    let Some(cluster) = Cluster::new(&[connection.clone(), connection.clone(), connection]) else {
        return;
    };
    // Those of a killed server stay with it until its lease ends.
    cluster.set("tenants.contoso", "concurrent-runs = 100");
    let key = cluster.key.clone();
    let servers: Vec<Mutex<Option<Server>>> =
        (0..3).map(|one| Mutex::new(Some(cluster.serve(one)))).collect();
    let (cluster, counts, number) = (Mutex::new(cluster), Counts::default(), AtomicUsize::new(0));
    let kills = thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                loop {
                    let one = number.fetch_add(1, Ordering::Relaxed);
                    if one >= most {
                        break;
                    }
                    create(&servers, &key, one, &counts);
                }
            });
        }
        kill_in_turn(&cluster, &servers, &number, most)
    });
    // The runs that nobody asks for any more end, too.
    thread::sleep(Duration::from_secs(15));
    drop(servers);
    assert_eq!(graph.interrupt(), 0);
    let state: Value =
        serde_json::from_slice(&fs::read(place.path("tenant.json")).unwrap()).unwrap();
    let mut licences = BTreeMap::new();
    for user in state["tenant"]["users"].as_array().unwrap() {
        let nickname = user["mailNickname"].as_str().unwrap_or_default().to_owned();
        if nickname.starts_with("user") {
            let licensed = user["licenses"].as_array().map_or(0, Vec::len);
            assert_eq!(licences.insert(nickname.clone(), licensed), None, "{nickname} twice");
        }
    }
    let without: Vec<_> = licences.iter().filter(|(_, licensed)| **licensed == 0).collect();
    let unknown = counts.unknown.into_inner().unwrap();
    println!(
        "{most} creations on 3 servers, {kills} kills of a server, 2 of the store: {} users, {} \
         without a licence, {} repeats of calls, {} outcome-unknown",
        licences.len(),
        without.len(),
        counts.repeats.into_inner(),
        unknown.len(),
    );
    assert_eq!((without, unknown, licences.len()), (Vec::new(), Vec::new(), most));
}
