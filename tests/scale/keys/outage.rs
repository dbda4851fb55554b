//! A store that is gone for a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use runner::serve::idempotency::{Options, StoreError};
use runner::store::jetstream::JetStream;
use support::nats::Nats;
use support::responses::{Expect, Store, answer};
use tokio::task::JoinSet;

use super::super::until;
use super::lossy::Lossy;
use super::{Journals, Node, soon, two};

/// Kills the server, and waits until the processes know.
async fn kill(nats: &mut Nats, nodes: &[Node]) {
    nats.kill();
    for node in nodes {
        until(|| !node.healthy()).await;
    }
}

/// Starts the server again, and waits until the processes know.
async fn restart(nats: &mut Nats, nodes: &[Node]) {
    nats.restart();
    for node in nodes {
        until(|| node.healthy()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_no_call_begins() {
    let Some(mut nats) = Nats::start() else { return };
    let nodes = two(&nats).await;
    let [one, other] = &nodes;
    one.answer("before", "create anna", &answer("anna")).await;
    let reservation = one.begin("under-way", "create bert").await.first();
    kill(&mut nats, &nodes).await;
    let started = Instant::now();
    for key in ["before", "after"] {
        let refused = one.try_begin(key, "create anna").await.unwrap_err();
        assert!(matches!(refused, StoreError::Shared(_)), "{refused}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "it takes {:?}", started.elapsed());
    restart(&mut nats, &nodes).await;
    assert_eq!(other.begin("before", "create anna").await.again(), answer("anna"));
    other.answer("after", "create anna", &answer("anna")).await;
    reservation.finish(answer("bert")).await.unwrap();
    assert_eq!(other.begin("under-way", "create bert").await.again(), answer("bert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_the_store() {
    let Some(mut nats) = Nats::start() else { return };
    let nodes = two(&nats).await;
    let [one, other] = &nodes;
    let finished = one.begin("finished", "create anna").await.first();
    let forgotten = one.begin("forgotten", "create bert").await.first();
    let given_up = one.begin("given-up", "create carl").await.first();
    kill(&mut nats, &nodes).await;
    let finished = tokio::spawn(finished.finish(answer("anna")));
    forgotten.forget().await.unwrap_err();
    drop(given_up);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!finished.is_finished());
    restart(&mut nats, &nodes).await;
    assert_eq!(soon(finished).await.unwrap(), answer("anna"));
    assert_eq!(other.begin("finished", "create anna").await.again(), answer("anna"));
    for (key, request) in [("forgotten", "create bert"), ("given-up", "create carl")] {
        soon(other.begins(key, request)).await.first().forget().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_does_not_wait_for_ever_and_its_answer_is_stored_later() {
    let Some(mut nats) = Nats::start() else { return };
    let journals = Journals::wrote();
    let nodes = [Node::start(&nats, &journals).await, Node::start(&nats, &journals).await];
    let [one, other] = &nodes;
    let reservation = one.begin("key", "create anna").await.first();
    kill(&mut nats, &nodes).await;
    let started = Instant::now();
    let failed = reservation.finish(answer("anna")).await.unwrap_err();
    let took = started.elapsed();
    assert!(took > Duration::from_secs(19) && took < Duration::from_secs(30), "{failed}: {took:?}");
    restart(&mut nats, &nodes).await;
    assert_eq!(soon(other.begins("key", "create anna")).await.again(), answer("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_in_between_holds_no_key() {
    let Some(mut nats) = Nats::start() else { return };
    let nodes = two(&nats).await;
    let [one, other] = &nodes;
    let mut attempts = JoinSet::new();
    for attempt in 0..400 {
        let store = one.store.clone();
        attempts.spawn(async move {
            tokio::time::sleep(Duration::from_millis(attempt)).await;
            let key = attempt.to_string();
            let begun = store.try_begin(&key, &key).await;
            (key, begun)
        });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    kill(&mut nats, &nodes).await;
    let (mut held, mut failed) = (Vec::new(), Vec::new());
    while let Some(attempt) = attempts.join_next().await {
        match attempt.unwrap() {
            (_, Ok(begun)) => held.push(begun.first()),
            (key, Err(_)) => failed.push(key),
        }
    }
    assert!(!held.is_empty() && !failed.is_empty(), "{} and {}", held.len(), failed.len());
    restart(&mut nats, &nodes).await;
    let again = |key: String, store: Store| async move { store.begin(&key, &key).await.first() };
    for key in failed {
        soon(tokio::spawn(again(key, other.store.clone()))).await.forget().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_acknowledgement_is_lost_is_free_soon() {
    let Some(nats) = Nats::start() else { return };
    let [_, other] = two(&nats).await;
    let store = Lossy::new(JetStream::open(&nats.options()).await.unwrap());
    let one = Node::on(Arc::new(store), &Arc::default(), Options::default()).await;
    one.try_begin("key", "create anna").await.unwrap_err();
    soon(other.begins("key", "create anna")).await.first().forget().await.unwrap();
}
