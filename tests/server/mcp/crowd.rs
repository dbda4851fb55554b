//! Many sessions at once, of two tenants.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::mcp::http::{call, message, result};
use crate::mcp::session::SKU;
use crate::serve::killed::graph;
use crate::serve::server::{Place, Server, connected};

/// The sessions at a time.
const SESSIONS: usize = 200;

/// The calls of a session by each way.
const CALLS: usize = 10;

/// How much longer the slowest calls of tools may take than those of the plain HTTP face.
const MOST: f64 = 1.3;

/// How often the time is measured at most: other programs make single measurements worthless.
const ROUNDS: usize = 3;

/// Runs all sessions at once, each with its number and the key of its tenant: what they return.
fn crowd<T: Send>(keys: &[String; 2], session: impl Fn(usize, &str) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let session = &session;
        let begin = |number: usize| scope.spawn(move || session(number, &keys[number % 2]));
        let sessions: Vec<_> = (0..SESSIONS).map(begin).collect();
        sessions.into_iter().map(|session| session.join().unwrap()).collect()
    })
}

/// Lists the tools and creates a user.
fn create(server: &Server, key: &str, number: usize) {
    result(&message(server, key, "tools/list", json!({})).send());
    let user = json!({
        "serviceId": SKU, "displayName": "Any Name", "mailNickname": format!("session{number}"),
        "password": "Any-passw0rd", "usageLocation": "AM",
    });
    let created = result(&call(server, key, "create-user", user));
    let name = &created["structuredContent"]["result"]["userPrincipalName"];
    assert_eq!(*name, format!("session{number}@contoso.onmicrosoft.com"), "{created}");
}

/// Calls by both ways in turns: how long the calls of each way took.
fn times(server: &Server, key: &str, number: usize) -> [Vec<Duration>; 2] {
    let input = json!({ "serviceId": SKU });
    let mut took = [Vec::new(), Vec::new()];
    for turn in 0..CALLS * 2 {
        // Of each tenant, one half begins with the one way, and one with the other.
        let way = (number / 2 + turn) % 2;
        let began = Instant::now();
        if way == 0 {
            let tool = result(&call(server, key, "is-license-available", input.clone()));
            assert_eq!(tool["structuredContent"]["result"], true, "{tool}");
        } else {
            let plain = server.action(key, "is-license-available", &input).send();
            assert_eq!(plain.status, 200, "{plain:?}");
        }
        took[way].push(began.elapsed());
    }
    took
}

/// How much longer the slowest calls of tools take.
fn ratio(server: &Server, keys: &[String; 2]) -> f64 {
    let took = crowd(keys, |number, key| times(server, key, number));
    let [tools, plain] = [0, 1].map(|way| {
        let mut all: Vec<Duration> = took.iter().flat_map(|took| took[way].clone()).collect();
        all.sort();
        all[all.len() * 99 / 100]
    });
    let ratio = tools.as_secs_f64() / plain.as_secs_f64();
    support::say(&format!(
        "p99 with {SESSIONS} sessions: tools {tools:.0?}, plain {plain:.0?}, {ratio:.2}x"
    ));
    ratio
}

fn users(server: &Server, key: &str) -> Vec<String> {
    let report = result(&call(server, key, "users-with-licenses-report", json!({})));
    let users = report["structuredContent"]["result"]["users"].as_array().unwrap().clone();
    let email = |it: &Value| it["email"].as_str().unwrap().to_owned();
    users.iter().map(email).filter(|it| it.starts_with("session")).collect()
}

#[test]
fn two_hundred_sessions_of_two_tenants_do_not_see_each_other() {
    let place = Place::new();
    let places = [Place::new(), Place::new()];
    let [one, two] = places.each_ref().map(graph);
    let serve = "[serve]\nconnections-per-address = 1000\n\n";
    let configuration = [serve, &connected("one", &one), &connected("two", &two)].concat();
    std::fs::write(place.config(), configuration).unwrap();
    let limits = ["concurrent-runs = 32", "queue-length = 1000", "calls-per-minute = 600000"];
    let keys = [("contoso", "one"), ("fabrikam", "two")].map(|(tenant, connection)| {
        let key = place.add(tenant, connection, &[]);
        limits.iter().for_each(|limit| place.set(&format!("tenants.{tenant}"), limit));
        key
    });
    let server = place.serve(&[]);
    crowd(&keys, |number, key| create(&server, key, number));
    for (tenant, key) in keys.iter().enumerate() {
        let users = users(&server, key);
        assert_eq!(users.len(), SESSIONS / 2);
        for user in users {
            let number = user.trim_start_matches("session").split('@').next().unwrap();
            assert_eq!(number.parse::<usize>().unwrap() % 2, tenant, "{user}");
        }
    }
    let is_fast = (0..ROUNDS).any(|_| ratio(&server, &keys) < MOST);
    assert!(is_fast, "in each of {ROUNDS} rounds, tools were more than {MOST}x as slow");
}
