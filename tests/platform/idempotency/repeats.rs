//! What an attempt comes to.

use http::StatusCode;

use super::store::{Expect, Place, TENANT, answer, run_of};

#[tokio::test]
async fn a_repeat_gets_the_first_answer_byte_for_byte() {
    let place = Place::new();
    let store = place.open();
    let bytes: Vec<u8> = (0..=255).collect();
    let first = answer(bytes);
    store.answer("key", "create anna", &first).await;
    for _ in 0..3 {
        assert_eq!(store.begin("key", "create anna").await.again(), first);
    }
    drop(store);
    assert_eq!(place.open().begin("key", "create anna").await.again(), first);
}

#[tokio::test]
async fn an_empty_answer_is_one() {
    let store = Place::new().open();
    let mut empty = answer("");
    empty.headers.clear();
    empty.status = StatusCode::NO_CONTENT;
    store.answer("key", "", &empty).await;
    assert_eq!(store.begin("key", "").await.again(), empty);
}

#[tokio::test]
async fn another_request_with_the_key_is_refused() {
    let place = Place::new();
    let store = place.open();
    let reservation = store.begin("key", "create anna").await.first();
    // While the first runs, after it, and after a restart; whether or not it is harmless.
    store.begin("key", "create anna ").await.other_body();
    reservation.finish(answer("done")).await.unwrap();
    store.begin("key", "create bert").await.other_body();
    store.begin_harmless("key", "create bert").await.other_body();
    drop(store);
    let store = place.open();
    store.begin("key", "create bert").await.other_body();
    assert_eq!(store.begin("key", "create anna").await.again(), answer("done"));
    store.begin("other", "create bert").await.first().finish(answer("too")).await.unwrap();
}

#[tokio::test]
async fn tenants_never_see_each_others_keys() {
    let store = Place::new().open();
    // Names and keys that would be the same if they were put together.
    let names = [("a", "bc"), ("ab", "c"), ("", "abc"), ("a\0b", "c"), ("a/b", "c"), ("ä", "c")];
    for (tenant, key) in names {
        let begun = store.attempt(tenant, key, "the same", false).await.unwrap();
        begun.first().finish(answer(format!("{tenant} {key}"))).await.unwrap();
    }
    for (tenant, key) in names {
        let begun = store.attempt(tenant, key, "the same", false).await.unwrap();
        assert_eq!(begun.again(), answer(format!("{tenant} {key}")));
        // The body of one is no hint about that of another.
        store.attempt(tenant, key, "another", false).await.unwrap().other_body();
    }
}

#[tokio::test]
async fn what_never_ran_leaves_the_key_free() {
    let place = Place::new();
    let store = place.open();
    store.begin("key", "create anna").await.first().forget().await.unwrap();
    // Also for another request, and after a restart.
    store.begin("key", "create bert").await.first().forget().await.unwrap();
    drop(store);
    let store = place.open();
    store.answer("key", "create carl", &answer("carl")).await;
    assert_eq!(store.begin("key", "create carl").await.again(), answer("carl"));
}

#[tokio::test]
async fn a_ticket_that_is_dropped_is_a_run_that_was_cut_off() {
    let place = Place::new();
    let store = place.open();
    drop(store.begin("key", "create anna").await.first());
    store.begin("key", "create bert").await.other_body();
    // Nothing runs, however often it is asked, until somebody says how it stands.
    for _ in 0..2 {
        let (run, reservation) = store.begin("key", "create anna").await.interrupted();
        assert_eq!(run, run_of("create anna"));
        reservation.forget().await.unwrap();
    }
    let (_, reservation) = store.begin("key", "create anna").await.interrupted();
    drop(reservation);
    let (_, reservation) = store.begin("key", "create anna").await.interrupted();
    reservation.finish(answer("outcome-unknown")).await.unwrap();
    assert_eq!(store.begin("key", "create anna").await.again(), answer("outcome-unknown"));
    drop(store);
    assert_eq!(place.open().begin("key", "create anna").await.again(), answer("outcome-unknown"));
}

#[tokio::test]
async fn a_panic_is_a_run_that_was_cut_off() {
    let store = Place::new().open();
    let reservation = store.begin("key", "create anna").await.first();
    let ended = tokio::spawn(async move {
        let _ticket = reservation;
        panic!("a panic that the test wants");
    });
    assert!(ended.await.unwrap_err().is_panic());
    let (run, _ticket) = store.begin("key", "create anna").await.interrupted();
    assert_eq!(run, run_of("create anna"));
}

#[tokio::test]
async fn what_is_harmless_runs_again_where_its_answer_is_lost() {
    let place = Place::new();
    let store = place.open();
    drop(store.begin_harmless("key", "report").await.first());
    let reservation = store.begin_harmless("key", "report").await.first();
    reservation.finish(answer("report")).await.unwrap();
    // Its answer is there, so that is given.
    assert_eq!(store.begin_harmless("key", "report").await.again(), answer("report"));
}

/// Neither a request nor an answer is anywhere but where it belongs.
#[tokio::test]
async fn a_request_is_not_in_the_file_and_an_answer_not_in_debug() {
    let place = Place::new();
    let store = place.open();
    let request = "create anna with the password Any-passw0rd";
    store.answer("key", request, &answer("anna@contoso.com")).await;
    let begun = store.begin("key", request).await;
    let debug = format!("{begun:?} {:?}", store.0);
    assert!(!debug.contains("anna"), "{debug}");
    drop(store);
    let file = std::fs::read(place.file()).unwrap();
    let holds = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("anna@contoso.com") && holds(TENANT));
    assert!(!holds("Any-passw0rd"));
}

/// Under another key of its caller a request is the same if all but its secrets is, which
/// nobody can compare then: the run is done, and a retry must not make another.
#[tokio::test]
async fn a_caller_whose_own_key_was_replaced_finds_the_answer() {
    let place = Place::new();
    let store = place.open();
    let reservation = store.begin_as("old", "key", "create anna", "Any-passw0rd").await.first();
    // While it runs, too.
    store.begin_as("new", "key", "create beth", "Any-passw0rd").await.other_body();
    reservation.finish(answer("anna")).await.unwrap();
    let again = |caller: &'static str, request: &'static str, secret: &'static str| {
        let store = store.clone();
        async move { store.begin_as(caller, "key", request, secret).await }
    };
    assert_eq!(again("new", "create anna", "Any-passw0rd").await.again(), answer("anna"));
    assert_eq!(again("new", "create anna", "0ther-passw0rd").await.again(), answer("anna"));
    again("new", "create beth", "Any-passw0rd").await.other_body();
    again("old", "create anna", "0ther-passw0rd").await.other_body();
    assert_eq!(again("old", "create anna", "Any-passw0rd").await.again(), answer("anna"));
}

/// The same request has another digest in another store.
#[tokio::test]
async fn digests_of_two_stores_cannot_be_compared() {
    let (one, two) = (Place::new(), Place::new());
    for place in [&one, &two] {
        place.open().answer("key", "create anna", &answer("done")).await;
    }
    let (one, two) = (super::files::digests(&one), super::files::digests(&two));
    assert!(one.iter().zip(&two).all(|(one, two)| one != two));
}
