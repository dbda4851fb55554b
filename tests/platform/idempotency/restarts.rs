//! What outlives the process, and a `kill -9`.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use runner::serve::idempotency::{Begun, Options};
use tokio::task::JoinSet;

use super::files;
use super::store::{Expect, Place, Store, answer, run_of};

/// Where the child keeps its answers, and what its keys begin with.
const DIRECTORY: &str = "IDEMPOTENCY_DIRECTORY";
const ROUND: &str = "IDEMPOTENCY_ROUND";

const ROUNDS: usize = 12;

#[tokio::test]
async fn what_was_begun_before_a_crash_is_cut_off_after_it() {
    let place = Place::new();
    let store = place.open();
    let reservation = store.begin("key", "create anna").await.first();
    let after = files::crashed(&place);
    reservation.finish(answer("anna")).await.unwrap();

    let store = after.open();
    store.begin("key", "create bert").await.other_body();
    let (run, reservation) = store.begin("key", "create anna").await.interrupted();
    assert_eq!(run, run_of("create anna"));
    reservation.finish(answer("outcome-unknown")).await.unwrap();
    drop(store);
    assert_eq!(after.open().begin("key", "create anna").await.again(), answer("outcome-unknown"));
}

/// Killed at some moment under load: what was said to have begun is known, and what was said
/// to be answered has its answer.
#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let place = Place::new();
    drop(place.open());
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let (begun, done) = until_killed(&place, round, 20 + 37 * round);
        let store = place.open();
        for key in &begun {
            let body = format!("body of {key}");
            match store.begin(key, &body).await {
                Begun::Again(given) => assert_eq!(given, answer(body)),
                Begun::Interrupted { run, .. } => {
                    assert!(!done.contains(key), "the answer to {key} is lost");
                    assert_eq!(run, run_of(&body));
                    cut_off += 1;
                }
                other => panic!("{key} was begun, and is now {other:?}"),
            }
        }
        assert!(done.is_subset(&begun));
    }
    assert!(cut_off > 0, "every kill came too late to cut anything off");
}

/// Lets a child run until it has told so much, and kills it. Which keys it said to have begun
/// and which to have answered.
fn until_killed(place: &Place, round: usize, lines: usize) -> (HashSet<String>, HashSet<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "idempotency::restarts::child", "--ignored", "--nocapture"])
        .env(DIRECTORY, place.directory())
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told: HashMap<String, HashSet<String>> = HashMap::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut read = 0;
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // The last line may have been cut off.
        if let Some(words) = line.strip_suffix('\n').map(str::split_whitespace) {
            let words: Vec<&str> = words.collect();
            if let ["begun" | "done", key] = words[..] {
                told.entry(words[0].to_owned()).or_default().insert(key.to_owned());
                read += 1;
            }
        }
        if read == lines {
            child.kill().unwrap();
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(read >= lines, "the child ended by itself");
    (told.remove("begun").unwrap_or_default(), told.remove("done").unwrap_or_default())
}

/// Begins and answers without end, 16 at a time, and says so on stdout.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other end of `a_kill_loses_nothing_that_was_acknowledged`, which starts it"]
async fn child() {
    let directory = std::env::var_os(DIRECTORY).unwrap();
    let round = std::env::var(ROUND).unwrap();
    let store = Store::open(directory.as_ref(), Options::default()).unwrap();
    let mut clients = JoinSet::new();
    for client in 0..16 {
        let (store, round) = (store.clone(), round.clone());
        clients.spawn(async move {
            for turn in 0_u64.. {
                let key = format!("{round}-{client}-{turn}");
                let body = format!("body of {key}");
                let reservation = store.begin(&key, &body).await.first();
                writeln!(std::io::stdout(), "begun {key}").unwrap();
                reservation.finish(answer(body)).await.unwrap();
                writeln!(std::io::stdout(), "done {key}").unwrap();
            }
        });
    }
    clients.join_all().await;
}
