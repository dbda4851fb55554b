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

/// The callers at a time.
const CALLERS: usize = 12;

/// The time between two kills of a server.
const KILLS: Duration = Duration::from_secs(2);

/// The environment variable with another number of creations, such as 1000.
const CREATIONS: &str = "O365_CREATIONS";

/// The longest time for one account, with all repeats.
const PATIENCE: Duration = Duration::from_secs(180);

/// What happened.
#[derive(Default)]
struct Counts {
    done: AtomicUsize,
    repeats: AtomicUsize,
    unknown: Mutex<Vec<usize>>,
}

/// Creates an account, at one server after the other, until one says how it went.
fn create(servers: &[Mutex<Option<Server>>], key: &str, number: usize, counts: &Counts) {
    let (began, mut last) = (Instant::now(), String::new());
    for attempt in number.. {
        assert!(
            began.elapsed() < PATIENCE,
            "user{number} is not done after {PATIENCE:?}; the last response was {last}"
        );
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
            other => {
                last = other.map_or_else(|error| error.to_string(), |answer| answer.text());
                counts.repeats.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// Kills a server every two seconds, and disturbs the store twice, until the last account is begun.
fn kill_in_turn(
    cluster: &mut Cluster,
    servers: &[Mutex<Option<Server>>],
    begun: &AtomicUsize,
    most: usize,
    disturb: fn(&mut Cluster, usize),
) -> usize {
    let (mut kills, mut outages) = (0, 0);
    while begun.load(Ordering::Relaxed) < most {
        thread::sleep(KILLS);
        let number = kills % servers.len();
        let server = servers[number].lock().unwrap().take();
        server.unwrap().kill();
        let again = cluster.serve(number);
        *servers[number].lock().unwrap() = Some(again);
        kills += 1;
        let due = (outages + 1) * most / 3;
        if outages < 2 && (begun.load(Ordering::Relaxed) > due || kills > 2 * outages + 1) {
            disturb(cluster, outages);
            outages += 1;
        }
    }
    (outages..2).for_each(|outage| disturb(cluster, outage));
    kills
}

/// Creates accounts while servers are killed and the store is disturbed, and counts what is there.
fn crowd(most: usize, on: fn(&[String]) -> Option<Cluster>, disturb: fn(&mut Cluster, usize)) {
    let most = std::env::var(CREATIONS).map_or(most, |most| most.parse().unwrap());
    let place = Place::new();
    let graph = graph(&place);
    let connection = connected("main", &graph);
    let Some(mut cluster) = on(&[connection.clone(), connection.clone(), connection]) else {
        return;
    };
    // Those of a killed server stay with it until its lease ends.
    cluster.set("tenants.contoso", "concurrent-runs = 100");
    let key = cluster.key.clone();
    let servers: Vec<Mutex<Option<Server>>> =
        (0..3).map(|one| Mutex::new(Some(cluster.serve(one)))).collect();
    let (counts, number) = (Counts::default(), AtomicUsize::new(0));
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
        kill_in_turn(&mut cluster, &servers, &number, most, disturb)
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
        "{most} creations on 3 servers, {kills} kills of a server, the store disturbed twice: {} users, {} \
         without a licence, {} repeats of calls, {} outcome-unknown",
        licences.len(),
        without.len(),
        counts.repeats.into_inner(),
        unknown.len(),
    );
    assert_eq!((without, unknown, licences.len()), (Vec::new(), Vec::new(), most));
}

#[test]
fn every_account_is_complete_while_servers_and_the_store_are_killed() {
    crowd(150, Cluster::new, |cluster, _| {
        cluster.nats[0].kill();
        thread::sleep(Duration::from_millis(500));
        cluster.nats[0].restart();
    });
}

#[test]
fn every_account_is_complete_on_a_store_of_three_servers_of_which_each_may_be_killed() {
    crowd(240, Cluster::on_three, |cluster, outage| match outage {
        0 => cluster.nats[0].kill(),
        _ => {
            cluster.nats[0].restart();
            // It catches up before the next one goes.
            thread::sleep(Duration::from_secs(5));
            cluster.nats[1].kill();
        }
    });
}
