//! Who is the first, and what the others get.

use std::sync::Arc;

use http::StatusCode;
use runner::serve::idempotency::Options;
use support::nats::Nats;
use support::responses::{Expect, TENANT, answer, run_of};

use super::{A_LOOK, Node, race, soon, two};

#[tokio::test(flavor = "multi_thread")]
async fn the_other_process_has_the_answer_byte_for_byte() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    one.answer("key", "create anna", &answer("anna \u{f6}")).await;
    assert_eq!(other.begin("key", "create anna").await.again(), answer("anna \u{f6}"));
    other.begin("key", "create bert").await.other_body();
    let secret = other.begin_as("o365_key", "key", "create anna", "Other-passw0rd").await;
    secret.other_body();
    // Another API key cannot tell whether the secrets are the same.
    other.begin_as("o365_other", "key", "create anna", "Other").await.again();
    let fabrikam = other.attempt("fabrikam", "key", "create anna", false).await.unwrap();
    fabrikam.first().forget().await.unwrap();
    // What is left of it is an answer that names no request.
    assert_eq!(one.begin("key", "create anna").await.again(), answer("anna \u{f6}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_waits_for_the_other_process() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    let reservation = one.begin("key", "create anna").await.first();
    let (waits, waits_here) =
        (other.begins("key", "create anna"), one.begins("key", "create anna"));
    // Another call does not wait.
    other.begin("key", "create bert").await.other_body();
    tokio::time::sleep(A_LOOK).await;
    assert!(!waits.is_finished() && !waits_here.is_finished());
    assert_eq!(reservation.finish(answer("anna")).await.unwrap(), answer("anna"));
    assert_eq!(soon(waits).await.again(), answer("anna"));
    assert_eq!(soon(waits_here).await.again(), answer("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_forgotten_is_free_in_the_other_process() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    let reservation = one.begin("key", "create anna").await.first();
    let waits = other.begins("key", "create anna");
    tokio::time::sleep(A_LOOK).await;
    reservation.forget().await.unwrap();
    soon(waits).await.first().forget().await.unwrap();
    // Now for another call, too.
    one.answer("key", "create bert", &answer("bert")).await;
    assert_eq!(other.begin("key", "create bert").await.again(), answer("bert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_no_longer_waits_holds_no_key() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    for _ in 0..20 {
        let begins = one.begins("key", "create anna");
        tokio::task::yield_now().await;
        begins.abort();
        if let Ok(begun) = begins.await {
            begun.first().forget().await.unwrap();
        }
        soon(other.begins("key", "create anna")).await.first().forget().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_in_two_processes_one_is_the_first() {
    let Some(nats) = Nats::start() else { return };
    let nodes = two(&nats).await;
    let (first, others) = race(&nodes, "key").await;
    first.finish(answer("anna")).await.unwrap();
    for other in others.join_all().await {
        assert_eq!(other.again(), answer("anna"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_leaves_its_status() {
    let Some(nats) = Nats::start() else { return };
    let [one, other] = two(&nats).await;
    let largest = answer(vec![b'a'; 511 << 10]);
    one.answer("largest", "create anna", &largest).await;
    assert_eq!(other.begin("largest", "create anna").await.again(), largest);
    assert_eq!(one.0.dropped(), 0);
    let too_large = answer(vec![b'a'; 512 << 10]);
    one.answer("larger", "create bert", &too_large).await;
    let kept = other.begin("larger", "create bert").await.not_kept();
    assert_eq!(kept, (StatusCode::TOO_MANY_REQUESTS, run_of("create bert")));
    assert_eq!(one.0.dropped(), 1);
    let again = other.begin_harmless("larger", "create bert").await.first();
    again.finish(answer("bert")).await.unwrap();
    assert_eq!(one.begin("larger", "create bert").await.again(), answer("bert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_admits_a_number_of_keys_of_a_tenant() {
    let Some(nats) = Nats::start() else { return };
    let options = Options { tenant_keys: 2, ..Options::default() };
    let [one, other] = two(&nats).await;
    let small = Node::with(&nats, &Arc::default(), options).await;
    other.answer("other", "create anna", &answer("anna")).await;
    let forgotten = small.begin("forgotten", "create bert").await.first();
    small.answer("first", "create carl", &answer("carl")).await;
    small.begin("third", "create dora").await.full();
    // Its keys, and those of others, have their answers nevertheless.
    assert_eq!(small.begin("first", "create carl").await.again(), answer("carl"));
    assert_eq!(small.begin("other", "create anna").await.again(), answer("anna"));
    let fabrikam = small.attempt("fabrikam", "third", "create dora", false).await.unwrap();
    fabrikam.first().forget().await.unwrap();
    forgotten.forget().await.unwrap();
    small.answer("third", "create dora", &answer("dora")).await;
    assert_eq!(one.begin("third", "create dora").await.again(), answer("dora"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_when_its_time_is_over() {
    let Some(nats) = Nats::start() else { return };
    let [one, _] = two(&nats).await;
    let options = Options { kept: std::time::Duration::from_secs(2), ..Options::default() };
    let short = Node::with(&nats, &Arc::default(), options).await;
    short.answer("key", "create anna", &answer("anna")).await;
    assert_eq!(one.begin("key", "create anna").await.again(), answer("anna"));
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    let again = one.attempt(TENANT, "key", "create bert", false).await.unwrap();
    again.first().forget().await.unwrap();
}
