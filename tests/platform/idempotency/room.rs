//! For how long, and how much.

use std::time::Duration;

use http::StatusCode;
use runner::serve::idempotency::Options;
use tokio::task::JoinSet;

use super::files;
use super::store::{Expect, Place, TENANT, answer, run_of};

/// More than one sweep takes with it.
const MANY: usize = 1_200;

/// What `answer` has besides its body, in bytes.
fn overhead() -> u64 {
    let headers = answer("").headers;
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len()) as u64).sum()
}

/// Answers with bodies of at most so many bytes are kept.
pub fn answers_of(bytes: u64) -> Options {
    Options { response_bytes: overhead() + bytes, ..Options::default() }
}

#[tokio::test]
async fn an_answer_that_is_too_large_leaves_its_status() {
    let place = Place::new();
    let store = place.open_with(answers_of(100));
    store.answer("fits", "fits", &answer(vec![b'x'; 100])).await;
    assert_eq!(store.begin("fits", "fits").await.again(), answer(vec![b'x'; 100]));
    store.answer("large", "large", &answer(vec![b'x'; 101])).await;
    let gone = (StatusCode::TOO_MANY_REQUESTS, run_of("large"));
    assert_eq!(store.begin("large", "large").await.not_kept(), gone);
    store.begin("large", "other").await.other_body();
    drop(store);
    let store = place.open_with(answers_of(100));
    assert_eq!(store.begin("large", "large").await.not_kept(), gone);
    // A report is made again, and its answer may fit then.
    let reservation = store.begin_harmless("large", "large").await.first();
    reservation.finish(answer("small")).await.unwrap();
    assert_eq!(store.begin("large", "large").await.again(), answer("small"));
}

#[tokio::test]
async fn over_its_bytes_a_tenant_loses_its_oldest_answers_and_no_key() {
    let each = overhead() + 1000;
    let place = Place::new();
    let store = place.open_with(Options { tenant_bytes: 3 * each, ..Options::default() });
    let body = || answer(vec![b'x'; 1000]);
    let other = store.attempt("fabrikam", "key", "body", false).await.unwrap().first();
    other.finish(body()).await.unwrap();
    let flying = store.begin("flying", "flying").await.first();
    for turn in ["one", "two", "three", "four", "five"] {
        store.answer(turn, turn, &body()).await;
    }
    for turn in ["one", "two"] {
        let (_, run) = store.begin(turn, turn).await.not_kept();
        assert_eq!(run, run_of(turn));
    }
    for turn in ["three", "four", "five"] {
        assert_eq!(store.begin(turn, turn).await.again(), body());
    }
    let other = store.attempt("fabrikam", "key", "body", false).await.unwrap();
    assert_eq!(other.again(), body());
    flying.finish(answer("at last")).await.unwrap();
    assert_eq!(store.begin("flying", "flying").await.again(), answer("at last"));
    drop(store);
    assert_eq!(files::usage(&place, TENANT), (6, 2 * each + overhead() + 7));
}

#[tokio::test]
async fn over_its_keys_a_tenant_gets_no_new_one_and_loses_none() {
    let place = Place::new();
    let options = || Options { tenant_keys: 4, ..Options::default() };
    let store = place.open_with(options());
    let flying = store.begin("flying", "flying").await.first();
    drop(store.begin("cut-off", "cut-off").await.first());
    for turn in ["one", "two"] {
        store.answer(turn, turn, &answer(turn)).await;
    }
    store.begin("three", "three").await.full();
    for turn in ["one", "two"] {
        assert_eq!(store.begin(turn, turn).await.again(), answer(turn));
    }
    store.begin("one", "other").await.other_body();
    drop(store.begin("cut-off", "cut-off").await.interrupted());
    // Another tenant has room of its own.
    let other = store.attempt("fabrikam", "three", "three", false).await.unwrap().first();
    other.finish(answer("three")).await.unwrap();
    // A key that was not used up makes room, and a repeat that is harmless needs none.
    flying.forget().await.unwrap();
    let four = store.begin("four", "four").await.first();
    store.begin("five", "five").await.full();
    four.finish(answer("four")).await.unwrap();
    drop(store);
    assert_eq!(files::usage(&place, TENANT).0, 4);
    let store = place.open_with(options());
    store.begin("five", "five").await.full();
    assert_eq!(store.begin("four", "four").await.again(), answer("four"));
}

#[tokio::test]
async fn without_room_for_answers_a_key_still_prevents_a_second_run() {
    let store = Place::new().open_with(Options { tenant_bytes: 0, ..Options::default() });
    store.answer("key", "body", &answer("done")).await;
    for _ in 0..3 {
        store.begin("key", "body").await.not_kept();
    }
}

#[tokio::test]
async fn what_is_too_old_is_new_again() {
    const KEPT: Duration = Duration::from_millis(300);
    let place = Place::new();
    let store = place.open_with(Options { kept: KEPT, ..Options::default() });
    store.answer("answered", "one", &answer("one")).await;
    drop(store.begin("cut-off", "one").await.first());
    let flying = store.begin("flying", "one").await.first();
    tokio::time::sleep(2 * KEPT).await;
    // Also for another request; but what runs is not too old while it runs.
    store.begin("flying", "two").await.other_body();
    store.begin("answered", "two").await.first().forget().await.unwrap();
    store.begin("cut-off", "two").await.first().forget().await.unwrap();
    let left = files::crashed(&place);
    assert_eq!(files::keys(&left), ["flying"], "the sweep leaves what runs, and nothing else");
    left.open().begin("flying", "one").await.interrupted().1.forget().await.unwrap();
    flying.finish(answer("flying")).await.unwrap();
}

/// Nobody asks for a key again, and its answer goes all the same. A quote at the start is the key's.
#[tokio::test]
async fn what_is_too_old_is_swept_away() {
    let place = Place::new();
    let store = place.open();
    let mut clients = JoinSet::new();
    for turn in 0..MANY {
        let store = store.clone();
        let key = format!("\"\\\"key-{turn}\"");
        clients.spawn(async move { store.answer(&key, &key, &answer("old")).await });
    }
    clients.join_all().await;
    drop(store);
    assert_eq!(files::keys(&place).len(), MANY);
    drop(place.open_with(Options { kept: Duration::ZERO, ..Options::default() }));
    assert_eq!(files::keys(&place), [""; 0]);
    assert_eq!(files::rows(&place), 0, "rows of keys that are gone");
}
