//! Kills under load: whatever Graph has done is in the audit log.

use std::collections::HashSet;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::serve::server::{
    MAIL, Place, Server, account, connected, eventually, eventually_within, mail,
};
use support::simulate;

/// How often the server is killed.
const ROUNDS: usize = 20;

/// How many callers there are at a time.
const CALLERS: usize = 8;

/// A simulated Graph without Microsoft's throttling, with seats for everybody and no lag.
pub fn graph(place: &Place) -> simulate::Server {
    lagging(place, 0)
}

/// The same, of which this many reads after a write see what was before.
pub fn lagging(place: &Place, reads: u32) -> simulate::Server {
    let path = place.path("tenant.json");
    let file = path.to_str().unwrap();
    assert_eq!(simulate::Server::start(&[file]).interrupt(), 0);
    let mut state: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let tenant = &mut state["tenant"];
    tenant["limits"] = json!({ "units": 1 << 30, "writes": 1 << 30 });
    tenant["lag"] = json!(reads);
    for sku in tenant["skus"].as_array_mut().unwrap() {
        sku["prepaidUnits"]["enabled"] = json!(100_000);
    }
    fs::write(&path, state.to_string()).unwrap();
    simulate::Server::start(&[file])
}

/// Calls until the server is gone; the runs that were answered.
fn load(server: &Server, key: &str, number: &AtomicUsize, gone: &AtomicBool) -> Vec<String> {
    let mut answered = Vec::new();
    while !gone.load(Ordering::Relaxed) {
        let one = number.fetch_add(1, Ordering::Relaxed);
        let nickname = format!("user{one}");
        let name = format!("{nickname}@contoso.onmicrosoft.com");
        let calls = [
            ("create-user", account(&nickname)),
            (MAIL, mail()),
            ("delete-user", json!({ "userPrincipalName": name })),
        ];
        for (action, input) in calls {
            let call = server.action(key, action, &input);
            let call = call.header("Idempotency-Key", &format!("{action}-{one}"));
            let Ok(answer) = call.try_send() else { return answered };
            answer.done();
            answered.push(answer.run());
        }
    }
    answered
}

/// A time from 50 to 850 ms, another one each time.
pub fn random_time() -> Duration {
    let chance = u64::try_from(uuid::Uuid::new_v4().as_u128() % 800).unwrap();
    Duration::from_millis(50 + chance)
}

/// The writes of all runs in the audit log, with the address as a path.
fn logged(runs: &[Value]) -> Vec<Value> {
    let writes = runs.iter().flat_map(|run| run["writes"].as_array().unwrap());
    let path = |write: &Value| {
        let url: url::Url = write["url"].as_str().unwrap().parse().unwrap();
        url.path().to_owned()
    };
    writes
        .map(|write| {
            let (status, id) = (&write["status"], &write["requestId"]);
            json!({ "method": write["method"], "path": path(write), "status": status, "requestId": id })
        })
        .collect()
}

/// Lets callers call the server from the first answer of Graph on, kills it at its work, and
/// does so again and again; the runs that were answered.
fn killed_again_and_again(place: &Place, graph: &simulate::Server, key: &str) -> Vec<String> {
    let number = AtomicUsize::new(0);
    let answered = Mutex::new(Vec::new());
    for _ in 0..ROUNDS {
        let server = place.serve(&[]);
        let gone = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let callers: Vec<_> =
                (0..CALLERS).map(|_| scope.spawn(|| load(&server, key, &number, &gone))).collect();
            let before = graph.requests().len();
            eventually("it works", || graph.requests().len() > before);
            std::thread::sleep(random_time());
            server.signal("KILL");
            gone.store(true, Ordering::Relaxed);
            for caller in callers {
                answered.lock().unwrap().extend(caller.join().unwrap());
            }
        });
        server.kill();
    }
    // Whatever was on its way has come to its end.
    std::thread::sleep(Duration::from_millis(500));
    answered.into_inner().unwrap()
}

/// The writes that Graph has seen.
pub fn seen(graph: &simulate::Server) -> Vec<Value> {
    let is_write = |request: &Value| {
        request["method"] != "GET" && request["path"].as_str().unwrap().starts_with("/v1.0/")
    };
    graph.requests().into_iter().filter(is_write).collect()
}

fn same_call(write: &Value, request: &Value) -> bool {
    write["method"] == request["method"] && write["path"] == request["path"]
}

/// Checks that each write that Graph has seen is among those of the log.
fn all_are_logged(seen: &[Value], mut logged: Vec<Value>) {
    // First those whose answers are in the log, each with Graph's id of it.
    let (mut unanswered, mut wrong) = (Vec::new(), Vec::new());
    for request in seen {
        let found = logged.iter().position(|write| write["requestId"] == request["requestId"]);
        match found.map(|place| logged.swap_remove(place)) {
            Some(write) if same_call(&write, request) && write["status"] == request["status"] => {}
            Some(write) => wrong.push((write, request)),
            None => unanswered.push(request),
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    // Then those whose answers the kill cut off: their writes are there, and no more is known.
    for request in &unanswered {
        let is_it = |write: &Value| write["status"].is_null() && same_call(write, request);
        let found =
            logged.iter().position(is_it).unwrap_or_else(|| panic!("not in the log: {request}"));
        logged.swap_remove(found);
    }
    assert!((1..=CALLERS * ROUNDS).contains(&unanswered.len()), "{}", unanswered.len());
    // What is left was about to be sent.
    let left = logged.iter().filter(|write| !write["status"].is_null());
    assert_eq!(left.collect::<Vec<_>>(), Vec::<&Value>::new());
    assert!(logged.len() <= CALLERS * ROUNDS, "{}", logged.len());
}

/// Checks that the users and mails that are there are some that the log has made.
fn all_have_a_write(state: &Value, runs: &[Value]) {
    let mails = state["tenant"]["mail"].as_array().unwrap().len();
    let sent = all_writes(runs, |url| url.ends_with("/sendMail"));
    assert!(mails <= sent, "{mails} mails, {sent} in the log");
    let users = state["tenant"]["users"].as_array().unwrap().iter();
    let made =
        users.filter(|user| user["mailNickname"].as_str().unwrap_or_default().starts_with("user"));
    let created = all_writes(runs, |url| url.ends_with("/v1.0/users"));
    assert!(made.count() <= created);
}

#[test]
fn after_twenty_kills_every_write_that_graph_saw_is_in_the_log() {
    let place = Place::new();
    let graph = graph(&place);
    fs::write(place.config(), connected("main", &graph)).unwrap();
    let key = place.add("contoso", "main", &[]);
    place.set("tenants.contoso", "concurrent-runs = 8");
    let answered = killed_again_and_again(&place, &graph, &key);
    // The next server goes on with the log, and with the runs that the kill cut off.
    let before = place.audit(&[]);
    let server = place.serve(&[]);
    // A run whose account is not to be found looks for it for half a minute.
    let are_over = || place.o365(&["runs", "list"]).result() == json!([]);
    eventually_within(Duration::from_secs(90), "all runs end", are_over);
    drop(server);
    let runs = place.audit(&[]);
    let ids = |runs: &[Value]| -> HashSet<String> {
        runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
    };
    let (known, now) = (ids(&before), ids(&runs));
    assert_eq!((known.len(), now.len()), (before.len(), runs.len()), "each run is there once");
    assert!(known.is_subset(&now), "a run is lost: {:?}", known.difference(&now));
    // What it adds are runs that were killed before their first line.
    let added = runs.iter().filter(|run| !known.contains(run["run"].as_str().unwrap()));
    for run in added {
        assert_eq!(run["resumed"], true, "{run}");
    }

    let seen = seen(&graph);
    assert!(seen.len() > 5 * ROUNDS, "{}", seen.len());
    all_are_logged(&seen, logged(&runs));

    // And what was answered to a caller has ended in the log as it was told.
    assert!(answered.len() > ROUNDS, "{}", answered.len());
    let ended = runs.iter().filter(|run| run["outcome"] == "done");
    let done: HashSet<&str> = ended.map(|run| run["run"].as_str().unwrap()).collect();
    assert!(answered.iter().all(|run| done.contains(run.as_str())));
    assert_eq!(place.audit(&["--unfinished"]), Vec::<Value>::new());
    let state = fs::read(place.path("tenant.json")).unwrap();
    all_have_a_write(&serde_json::from_slice(&state).unwrap(), &runs);
}

/// How many writes to such addresses the log has.
fn all_writes(runs: &[Value], is_it: impl Fn(&str) -> bool) -> usize {
    let writes = runs.iter().flat_map(|run| run["writes"].as_array().unwrap());
    writes.filter(|write| is_it(write["url"].as_str().unwrap())).count()
}
