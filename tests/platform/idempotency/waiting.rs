//! The same key many times at once.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use runner::serve::idempotency::Begun;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::store::{Expect, Place, Store, answer, run_of};

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

const MANY: usize = 1_000;

/// Polls once, so that it has asked and waits.
async fn ask<F: Future>(future: F) -> std::pin::Pin<Box<F>> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    future
}

async fn within<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future).await.expect("nobody woke it")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_at_once_run_once() {
    let store = Place::new().open();
    let runs = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..MANY {
        let (store, runs) = (store.clone(), Arc::clone(&runs));
        clients.spawn(async move {
            match store.begin("key", "create anna").await {
                Begun::First(reservation) => {
                    runs.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    reservation.finish(answer("anna")).await.unwrap();
                    answer("anna")
                }
                other => other.again(),
            }
        });
    }
    let answers = within(clients.join_all()).await;
    assert!(answers.iter().all(|given| *given == answer("anna")));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    // One that it began, one that it ended; and the file's own beginning is not counted.
    assert_eq!(store.0.commits(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_keys_are_on_the_disk_in_a_few_commits() {
    let store = Place::new().open();
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..MANY {
        let store = store.clone();
        clients.spawn(async move {
            let (key, body) = (format!("key-{client}"), format!("body {client}"));
            store.answer(&key, &body, &answer(body.clone())).await;
        });
    }
    within(clients.join_all()).await;
    let (commits, took) = (store.0.commits(), started.elapsed());
    assert!(commits < 200, "{commits} commits for {MANY} runs, in {took:?}");
    for client in [0, MANY / 2, MANY - 1] {
        let body = format!("body {client}");
        assert_eq!(store.begin(&format!("key-{client}"), &body).await.again(), answer(body));
    }
}

#[tokio::test]
async fn who_waits_is_next_when_nothing_was_done() {
    let store = Place::new().open();
    let first = store.begin("key", "create anna").await.first();
    let second = ask(store.begin("key", "create anna")).await;
    let third = ask(store.begin("key", "create anna")).await;
    first.forget().await.unwrap();
    let reservation = within(second).await.first();
    let third = ask(third).await;
    reservation.finish(answer("second")).await.unwrap();
    assert_eq!(within(third).await.again(), answer("second"));
}

#[tokio::test]
async fn who_waits_hears_that_the_run_was_cut_off() {
    let store = Place::new().open();
    let first = store.begin("key", "create anna").await.first();
    let second = ask(store.begin("key", "create anna")).await;
    let third = ask(store.begin("key", "create anna")).await;
    drop(first);
    let (run, reservation) = within(second).await.interrupted();
    assert_eq!(run, run_of("create anna"));
    // One says how it stands, and that is the answer to all.
    reservation.finish(answer("outcome-unknown")).await.unwrap();
    assert_eq!(within(third).await.again(), answer("outcome-unknown"));
}

#[tokio::test]
async fn who_waits_has_an_answer_that_is_too_large_to_keep() {
    let store = Place::new().open_with(super::room::answers_of(10));
    let first = store.begin("key", "report").await.first();
    let second = ask(store.begin("key", "report")).await;
    first.finish(answer(vec![b'x'; 1000])).await.unwrap();
    assert_eq!(within(second).await.again(), answer(vec![b'x'; 1000]));
    store.begin("key", "report").await.not_kept();
}

/// A client that hangs up while it waits, for its turn or for the disk, has done nothing.
#[tokio::test]
async fn who_hangs_up_leaves_no_trace() {
    let store = Place::new().open();
    for _ in 0..100 {
        drop(ask(store.begin("key", "create anna")).await);
    }
    let first = within(store.begin("key", "create anna")).await.first();
    for _ in 0..100 {
        drop(ask(store.begin("key", "create anna")).await);
    }
    let last = ask(store.begin("key", "create anna")).await;
    first.forget().await.unwrap();
    within(last).await.first().finish(answer("last")).await.unwrap();
}

/// The decision has come, and nobody has heard it when the client hangs up.
#[tokio::test]
async fn a_decision_that_nobody_hears_leaves_no_trace() {
    let store = Place::new().open();
    let unheard = ask(store.begin("key", "create anna")).await;
    // A later command is done after it.
    store.begin("other", "create bert").await.first().forget().await.unwrap();
    drop(unheard);
    within(store.begin("key", "create anna")).await.first().forget().await.unwrap();
}

#[tokio::test]
async fn an_answer_is_kept_though_nobody_waits_for_the_disk() {
    let store = Place::new().open();
    let reservation = store.begin("key", "create anna").await.first();
    drop(ask(reservation.finish(answer("anna"))).await);
    assert_eq!(store.begin("key", "create anna").await.again(), answer("anna"));
}

/// The first store is closed by its last reservation, and not before.
#[tokio::test]
async fn a_ticket_outlives_the_store() {
    let place = Place::new();
    let store = place.open();
    let reservation = store.begin("key", "create anna").await.first();
    drop(store);
    assert!(matches!(place.refused(), runner::serve::idempotency::StoreError::InUse { .. }));
    reservation.finish(answer("anna")).await.unwrap();
    assert_eq!(place.open().begin("key", "create anna").await.again(), answer("anna"));
}

/// Clients of many tenants and few keys, that finish, forget, panic and hang up as it comes:
/// no request runs twice at a time, and none runs after it was answered.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_clients_do_a_request_runs_to_its_end_at_most_once() {
    const KEYS: usize = 8;
    let store = Place::new().open();
    let running: Arc<Vec<AtomicUsize>> = Arc::new((0..KEYS).map(|_| 0.into()).collect());
    let done: Arc<Vec<AtomicUsize>> = Arc::new((0..KEYS).map(|_| 0.into()).collect());
    let mut clients = JoinSet::new();
    for client in 0..MANY {
        let (store, running, done) = (store.clone(), Arc::clone(&running), Arc::clone(&done));
        let key = client % KEYS;
        clients.spawn(async move {
            let name = format!("key-{key}");
            let begin = pin!(store.attempt("contoso", &name, "create", true));
            // Some hang up.
            let patience = if client % 7 == 0 { Duration::from_micros(300) } else { PATIENCE };
            let Ok(begun) = timeout(patience, begin).await else { return };
            let Begun::First(reservation) = begun.unwrap() else { return };
            assert_eq!(running[key].fetch_add(1, Ordering::SeqCst), 0, "twice at a time");
            assert_eq!(done[key].load(Ordering::SeqCst), 0, "after it was answered");
            tokio::time::sleep(Duration::from_millis(1)).await;
            let end = client % 5;
            done[key].fetch_add(usize::from(end == 4), Ordering::SeqCst);
            running[key].fetch_sub(1, Ordering::SeqCst);
            match end {
                4 => drop(reservation.finish(answer("done")).await.unwrap()),
                3 => drop(reservation),
                _ => reservation.forget().await.unwrap(),
            }
        });
    }
    while let Some(client) = within(clients.join_next()).await {
        client.unwrap();
    }
    assert!(done.iter().all(|done| done.load(Ordering::SeqCst) == 1));
}

#[tokio::test]
async fn a_store_in_a_runtime_of_one_thread_ends_with_it() {
    let place = Place::new();
    for turn in 0..5 {
        let store: Store = place.open();
        let (key, body) = (format!("key-{turn}"), format!("body {turn}"));
        store.answer(&key, &body, &answer("done")).await;
    }
}
