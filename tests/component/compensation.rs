//! A new user that cannot have its licence.

use crate::support::*;

fn no_seat() -> Reply {
    refusal(
        400,
        "Request_BadRequest",
        "Subscription with SKU x does not have any available licenses.",
    )
}

fn up_to_the_licence(assigned: Step) -> Vec<Step> {
    vec![on(GET_SKUS, skus(2, 1)), on(CREATE, created()), assigned]
}

fn with_deletes(assigned: Reply, deletes: &[Step]) -> (Facts, Seen) {
    let steps = up_to_the_licence(on(ASSIGN, assigned)).into_iter().chain(deletes.iter().cloned());
    let (result, seen) = Run::new(steps).create_user();
    (facts(result), seen)
}

fn says_what_is_left(error: &Facts) {
    for text in [&error.message, &error.fix] {
        assert!(text.contains(ID) && text.contains(ALLEN), "{text}");
    }
    assert!(!error.retry_safe);
    assert_eq!(error.completed, [format!("created user {ALLEN} (object id {ID})")]);
}

#[test]
fn the_user_is_deleted_again() {
    let cases = [
        (no_seat(), "license-unavailable"),
        (refusal(403, "Authorization_RequestDenied", "No."), "forbidden"),
        (refusal(401, "InvalidAuthenticationToken", "No."), "unauthorized"),
        (refusal(400, "Request_BadRequest", "New words."), "graph"),
        (with(refusal(429, "TooManyRequests", "Busy."), "Retry-After", "500"), "throttled"),
    ];
    for (refused, kind) in cases {
        let status = refused.as_ref().unwrap().status;
        let (error, _) = with_deletes(refused, &[on(DELETE_BY_ID, no_content())]);
        assert_eq!((error.kind, error.retry_safe), (kind, true));
        assert!(error.message.ends_with("no user is left."), "{}", error.message);
        assert_eq!(
            error.completed,
            [
                format!("created user {ALLEN} (object id {ID})"),
                format!("deleted user {ALLEN} again (object id {ID})"),
            ]
        );
        assert_eq!(error.graph.unwrap().status, status);
    }
}

#[test]
fn a_lost_assignment_is_settled_by_the_deletion() {
    let steps = up_to_the_licence(times(4, ASSIGN, lost()));
    let run = Run::new(steps.into_iter().chain([on(DELETE_BY_ID, no_content())]));
    let error = facts(run.create_user().0);
    assert_eq!(error.kind, "transport");
    assert!(error.message.ends_with("no user is left."), "{}", error.message);
}

#[test]
fn a_deletion_that_fails_names_the_user_that_is_left() {
    let refused = on(DELETE_BY_ID, refusal(403, "Authorization_RequestDenied", "Not you."));
    let (error, _) = with_deletes(no_seat(), &[refused]);
    assert_eq!(error.kind, "license-unavailable");
    assert!(error.message.contains("Not you."), "{}", error.message);
    assert!(error.fix.contains("Buy more seats"), "{}", error.fix);
    assert!(error.graph.as_ref().unwrap().message.contains("available licenses"));
    says_what_is_left(&error);

    let (error, _) = with_deletes(no_seat(), &[times(4, DELETE_BY_ID, lost())]);
    says_what_is_left(&error);
}

#[test]
fn a_deletion_that_finds_nobody_yet_is_repeated() {
    let deletes = [times(2, DELETE_BY_ID, missing()), on(DELETE_BY_ID, no_content())];
    let (error, seen) = with_deletes(no_seat(), &deletes);
    assert_eq!(error.completed.len(), 2);
    assert_eq!(seen.whole_waits(), [1, 2]);

    let (error, _) = with_deletes(no_seat(), &[while_asked(DELETE_BY_ID, missing())]);
    says_what_is_left(&error);

    let other = on(DELETE_BY_ID, refusal(404, "UnknownError", "No such page."));
    says_what_is_left(&with_deletes(no_seat(), &[other]).0);
}

#[test]
fn nobody_there_after_a_lost_deletion_means_deleted_once_no_copy_lags_behind() {
    let deletes = [on(DELETE_BY_ID, lost()), while_asked(DELETE_BY_ID, missing())];
    let (error, seen) = with_deletes(no_seat(), &deletes);
    assert_eq!(error.completed.len(), 2);
    assert_eq!(seen.whole_waits(), [3, 1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10]);

    let lagging = [on(DELETE_BY_ID, lost()), times(2, DELETE_BY_ID, missing())];
    let (error, _) =
        with_deletes(no_seat(), &[&lagging[..], &[on(DELETE_BY_ID, no_content())]].concat());
    assert_eq!(error.completed.len(), 2);
}

#[test]
fn an_adopted_user_is_never_deleted() {
    let run = Run::new([
        on(GET_SKUS, skus(2, 1)),
        on(CREATE, lost()),
        on(GET_BY_NAME, shown(false)),
        on(ASSIGN, no_seat()),
    ]);
    let (result, seen) = run.create_user();
    let error = facts(result);
    assert_eq!(error.kind, "license-unavailable");
    says_what_is_left(&error);
    assert!(!seen.calls().iter().any(|call| call.starts_with("DELETE")));
}

#[test]
fn a_refusal_before_the_creation_deletes_nobody() {
    let run =
        Run::new([on(GET_SKUS, skus(2, 1)), on(CREATE, refusal(400, "Request_BadRequest", "No."))]);
    let error = facts(run.create_user().0);
    assert_eq!((error.kind, error.completed.len()), ("graph", 0));
}
