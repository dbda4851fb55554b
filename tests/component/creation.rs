//! Creating a user: lost answers and replication.

use std::time::Duration;

use crate::support::*;
use component::graph::Reach;
use serde_json::{Value, json};

fn ok() -> Reply {
    assigned()
}

fn conflict() -> Reply {
    refusal(400, "Request_BadRequest", "Another object with the same value already exists.")
}

/// The user as found by name, with one property changed.
fn found(key: &str, value: Value) -> Reply {
    let mut user = user(false);
    user[key] = value;
    answer(200, user)
}

#[test]
fn a_lost_creation_is_found_by_name() {
    let troubles = [
        lost(),
        refusal(504, "", "Gateway timeout."),
        cut(Reach::TooLarge),
        answer(201, json!({"displayName": "no id"})),
        answer(201, Value::Null),
    ];
    for trouble in troubles {
        let run = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, trouble),
            on(GET_BY_NAME, missing()),
            on(GET_BY_NAME, shown(false)),
            on(ASSIGN, ok()),
            on(GET_BY_ID, shown(true)),
        ]);
        let (result, seen) = run.create_user();
        assert_eq!(result.unwrap().object_id, ID);
        assert_eq!(seen.whole_waits(), [1], "no wait before the search");
    }
}

#[test]
fn a_user_that_was_there_before_is_not_taken_over() {
    let cases = [
        (found("displayName", json!("Allen Else")), "already-exists"),
        (found("displayName", Value::Null), "already-exists"),
        // The listing was answered at 08:00:05; the clocks may differ by a minute.
        (found("createdDateTime", json!("2025-03-04T07:59:04Z")), "already-exists"),
        (found("createdDateTime", json!("2024-02-29T23:59:59.1234567Z")), "already-exists"),
        (found("createdDateTime", Value::Null), "outcome-unknown"),
        (found("createdDateTime", json!("yesterday")), "outcome-unknown"),
    ];
    for (user, kind) in cases {
        let run = Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, lost()), on(GET_BY_NAME, user)]);
        assert_eq!(facts(run.create_user().0).kind, kind);
    }
    let run = Run::new([
        on(GET_SKUS, skus(2, 1)),
        on(CREATE, lost()),
        on(GET_BY_NAME, found("createdDateTime", json!("2025-03-04T07:59:05Z"))),
        on(ASSIGN, ok()),
        on(GET_BY_ID, shown(true)),
    ]);
    run.create_user().0.unwrap();
}

#[test]
fn a_listing_without_a_date_cannot_prove_who_created_the_user() {
    let undated = skus(2, 1).map(|mut response| {
        response.headers.clear();
        response
    });
    let run = Run::new([on(GET_SKUS, undated), on(CREATE, lost()), on(GET_BY_NAME, shown(false))]);
    let error = facts(run.create_user().0);
    assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", false));
    assert!(error.message.contains(ID) && error.message.contains(ALLEN), "{}", error.message);
}

#[test]
fn a_user_that_does_not_appear_is_created_once_more() {
    let begin =
        || vec![on(GET_SKUS, skus(2, 1)), on(CREATE, lost()), while_asked(GET_BY_NAME, missing())];
    let run = |more: Vec<Step>| Run::new(begin().into_iter().chain(more)).create_user();
    let finish = || [on(ASSIGN, ok()), on(GET_BY_ID, shown(true))];

    let (result, seen) = run([vec![on(CREATE, created())], finish().to_vec()].concat());
    result.unwrap();
    assert_eq!(seen.whole_waits(), [1, 2, 4, 8, 10], "30 seconds hold these and no more");

    let (result, _) =
        run([vec![on(CREATE, conflict()), on(GET_BY_NAME, shown(false))], finish().to_vec()]
            .concat());
    result.unwrap();

    let (result, _) =
        run(vec![on(CREATE, conflict()), on(GET_BY_NAME, found("displayName", json!("B")))]);
    assert_eq!(facts(result).kind, "already-exists");

    let (result, _) = run(vec![on(CREATE, conflict()), while_asked(GET_BY_NAME, missing())]);
    assert_eq!(facts(result).kind, "outcome-unknown");

    let (result, _) = run(vec![on(CREATE, refusal(403, "Authorization_RequestDenied", "No."))]);
    assert_eq!(facts(result).kind, "forbidden");

    for again in [lost(), refusal(504, "", ""), answer(201, json!({}))] {
        let (result, _) = run(vec![on(CREATE, again)]);
        let error = facts(result);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", false));
        assert!(error.message.contains(ALLEN), "{}", error.message);
        assert!(error.fix.contains("assign-license-to-existing-user"), "{}", error.fix);
    }
}

#[test]
fn a_search_that_is_refused_leaves_the_outcome_unknown() {
    let denied = refusal(403, "Authorization_RequestDenied", "No.");
    let run = Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, lost()), on(GET_BY_NAME, denied)]);
    let error = facts(run.create_user().0);
    assert_eq!((error.kind, error.graph.unwrap().status), ("outcome-unknown", 403));
}

#[test]
fn replication_is_waited_out_after_the_creation() {
    let lags = [
        missing(),
        refusal(
            400,
            "Request_BadRequest",
            "License assignment cannot be done for user with invalid usage location.",
        ),
        refusal(
            404,
            "Directory_ObjectNotFound",
            "Unable to read the company information from the directory.",
        ),
        refusal(
            400,
            "Directory_ObjectNotFound",
            "Unable to read the company information from the directory.",
        ),
    ];
    for lag in lags {
        let run = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, created()),
            times(3, ASSIGN, lag.clone()),
            on(ASSIGN, ok()),
            times(2, GET_BY_ID, lag),
            on(GET_BY_ID, shown(false)),
            on(GET_BY_ID, shown(true)),
        ]);
        let (result, seen) = run.create_user();
        result.unwrap();
        assert_eq!(seen.whole_waits(), [1, 2, 4, 1, 2, 4]);
    }
}

#[test]
fn replication_is_waited_for_ninety_seconds_in_all() {
    let run = Run::new([
        on(GET_SKUS, skus(2, 1)),
        on(CREATE, created()),
        while_asked(ASSIGN, missing()),
        on(DELETE_BY_ID, no_content()),
    ]);
    let (result, seen) = run.limit(600).create_user();
    assert_eq!(facts(result).kind, "not-found");
    assert_eq!(seen.waited(), Duration::from_secs(85), "the next wait would end after the window");
    assert_eq!(seen.whole_waits()[..6], [1, 2, 4, 8, 10, 10]);
}

/// That Graph acknowledged a licence does not make it so: what no read shows is not said to
/// be there.
#[test]
fn a_licence_that_no_read_shows_is_not_said_to_be_assigned() {
    let denied = refusal(403, "Authorization_RequestDenied", "No.");
    let reads = [
        (while_asked(GET_BY_ID, shown(false)), "no read shows it", None),
        (while_asked(GET_BY_ID, missing()), "no read shows it", None),
        (on(GET_BY_ID, denied), "may not read the user", Some(403)),
        (on(GET_BY_ID, answer(200, json!([]))), "200 with a user was expected", None),
        (on(GET_BY_ID, page(200, "Sign in")), "title \"Sign in\"", None),
        (times(4, GET_BY_ID, lost()), "the wire was cut", None),
    ];
    for (read, said, status) in reads {
        let run =
            Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, created()), on(ASSIGN, ok()), read]);
        let (result, seen) = run.create_user();
        let error = facts(result);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", false), "{said}");
        assert!(error.message.contains("Graph accepted the licence ENTERPRISEPACK"));
        assert!(error.message.contains(said), "{}", error.message);
        assert!(error.message.contains(ID) && error.fix.contains("assign-license-to-existing"));
        assert_eq!(error.completed, [format!("created user {ALLEN} (object id {ID})")]);
        assert_eq!(error.graph.map(|graph| graph.status), status);
        assert!(!seen.calls().iter().any(|call| call.starts_with("DELETE")));
    }
}

#[test]
fn a_failure_of_graphs_own_is_a_lost_answer() {
    for status in [408, 500, 502, 504, 520] {
        let (result, seen) = Run::new([
            on(GET_SKUS, skus(25, 10)),
            on(CREATE, refusal(status, "", "")),
            on(GET_BY_NAME, shown(false)),
            on(ASSIGN, shown(true)),
            on(GET_BY_ID, shown(true)),
        ])
        .create_user();
        assert_eq!(result.unwrap().object_id, ID, "{status}");
        assert_eq!(seen.calls().iter().filter(|call| *call == CREATE).count(), 1);
    }
}
