//! What becomes of a key whose process dies.

use runner::run::host::digest;
use support::nats::Nats;
use support::responses::{Expect, TENANT, answer, run_of};

use super::{A_LOOK, Journals, Node, race, soon, two};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_write_runs_again() {
    let Some(nats) = Nats::start() else { return };
    let [dies, other] = two(&nats).await;
    let asleep = dies.begin("key", "create anna").await.first();
    let waits = other.begins("key", "create anna");
    tokio::time::sleep(A_LOOK).await;
    assert!(!waits.is_finished());
    dies.process.leave().await;
    let first = soon(waits).await.first();
    // What it says now is of no use to anybody else.
    assert_eq!(asleep.finish(answer("too late")).await.unwrap(), answer("too late"));
    first.finish(answer("anna")).await.unwrap();
    assert_eq!(other.begin("key", "create anna").await.again(), answer("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_another_process_resumes_has_its_answer() {
    let Some(nats) = Nats::start() else { return };
    let journals = Journals::wrote();
    let dies = Node::start(&nats, &journals).await;
    let (resumes, waits) =
        (Node::start(&nats, &journals).await, Node::start(&nats, &journals).await);
    let asleep = dies.begin("key", "create anna").await.first();
    let adopt =
        async |run: &str| resumes.0.adopt(TENANT, &digest("key"), run_of(run)).await.unwrap();
    dies.process.leave().await;
    let waits = waits.begins("key", "create anna");
    tokio::time::sleep(A_LOOK).await;
    assert!(!waits.is_finished());
    assert!(adopt("create bert").await.is_none());
    let reservation = adopt("create anna").await.unwrap();
    // Its own answer waits for that of the other, which counts.
    let asleep = tokio::spawn(asleep.finish(answer("asleep")));
    tokio::time::sleep(A_LOOK).await;
    assert!(!waits.is_finished() && !asleep.is_finished());
    reservation.finish(answer("anna")).await.unwrap();
    assert_eq!(soon(asleep).await.unwrap(), answer("anna"));
    assert_eq!(soon(waits).await.again(), answer("anna"));
    assert!(adopt("create anna").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_at_a_dead_key_one_is_the_first() {
    let Some(nats) = Nats::start() else { return };
    let nodes = two(&nats).await;
    let dies = Node::start(&nats, &std::sync::Arc::default()).await;
    let asleep = dies.begin("key", "create anna").await.first();
    dies.process.leave().await;
    let (first, others) = race(&nodes, "key").await;
    first.finish(answer("anna")).await.unwrap();
    for other in others.join_all().await {
        assert_eq!(other.again(), answer("anna"));
    }
    // It has been given up, not taken from whoever has it now.
    drop(asleep);
    tokio::time::sleep(A_LOOK).await;
    assert_eq!(nodes[0].begin("key", "create anna").await.again(), answer("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_given_up_waits_for_its_run_only_so_long() {
    let Some(nats) = Nats::start() else { return };
    let journals = Journals::wrote();
    let gives_up = Node::start(&nats, &journals).await;
    let other = Node::start(&nats, &journals).await;
    for key in ["resumed", "not-resumed", "harmless"] {
        drop(gives_up.begin(key, "create anna").await.first());
    }
    let resumed = other.begins("resumed", "create anna");
    let not_resumed = other.begins("not-resumed", "create anna");
    let harmless = other.store.clone();
    let harmless =
        tokio::spawn(async move { harmless.begin_harmless("harmless", "create anna").await });
    tokio::time::sleep(A_LOOK).await;
    let run = run_of("create anna");
    let adopted = gives_up.0.adopt(TENANT, &digest("resumed"), run).await.unwrap().unwrap();
    let (interrupted, reservation) = soon(not_resumed).await.interrupted();
    assert_eq!(interrupted, run);
    assert!(!resumed.is_finished());
    reservation.finish(answer("unknown")).await.unwrap();
    assert_eq!(gives_up.begin("not-resumed", "create anna").await.again(), answer("unknown"));
    soon(harmless).await.first().forget().await.unwrap();
    adopted.finish(answer("anna")).await.unwrap();
    assert_eq!(soon(resumed).await.again(), answer("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_given_up_before_a_write_is_free() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    drop(one.begin("key", "create anna").await.first());
    soon(other.begins("key", "create anna")).await.first().forget().await.unwrap();
}
