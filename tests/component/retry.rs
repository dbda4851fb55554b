//! What is repeated, and how long is waited.

use std::time::Duration;

use crate::support::*;
use component::bindings::connector::office365::types::Who;
use component::graph::Reach;

fn busy(status: u16) -> Reply {
    refusal(status, "TooManyRequests", "Busy.")
}

fn retry_header(seen: &Seen) -> Vec<Option<&str>> {
    let of = |request: &'_ component::graph::Request| {
        request.headers.iter().position(|(name, _)| *name == "retry-attempt")
    };
    seen.requests
        .iter()
        .map(|request| of(request).map(|at| request.headers[at].1.as_str()))
        .collect()
}

#[test]
fn retry_after_is_honoured_and_rounded_up() {
    let cases = [
        ("5", 5_000),
        ("2.128", 3_000),
        ("2.0", 2_000),
        ("0", 1_000),
        ("0.2", 1_000),
        ("Tue, 04 Mar 2025 08:00:15 GMT", 10_000),
        ("Wed, 05 Mar 2025 08:00:00 GMT", 86_395_000),
        ("Tue, 04 Mar 2025 07:00:00 GMT", 1_000),
    ];
    for (value, wait) in cases {
        let run = Run::new([
            on(GET_SKUS, with(busy(429), "retry-after", value)),
            on(GET_SKUS, skus(2, 1)),
        ]);
        let (count, seen) = run.limit(100_000).count();
        assert_eq!(count.unwrap(), 1);
        assert_eq!(seen.waits, [Duration::from_millis(wait)], "{value}");
    }
}

#[test]
fn without_a_readable_time_the_wait_doubles() {
    for value in [
        None,
        Some("soon"),
        Some("-1"),
        Some("NaN"),
        Some("inf"),
        Some("Tue, 99 Foo 2025 08:00:15 GMT"),
    ] {
        let reply = match value {
            Some(value) => with(busy(503), "Retry-After", value),
            None => busy(503),
        };
        let (_, seen) = Run::new([times(3, GET_SKUS, reply), on(GET_SKUS, skus(2, 1))]).count();
        for (wait, base) in seen.waits.iter().zip([3, 6, 12]) {
            let base = Duration::from_secs(base);
            assert!((base..=base + Duration::from_secs(1)).contains(wait), "{value:?}: {wait:?}");
        }
        assert_eq!(retry_header(&seen), [None, Some("1"), Some("2"), Some("3")]);
    }
}

#[test]
fn the_jitter_differs_between_runs_and_is_the_same_for_the_same_run() {
    let wait = |nickname: &str| {
        let input = component::bindings::exports::connector::office365::accounts::CreateUserInput {
            mail_nickname: nickname.into(),
            ..create_input()
        };
        let run = Run::new([on(GET_SKUS, busy(503)), on(GET_SKUS, skus(0, 0))]);
        run.create(input).1.waits
    };
    assert_eq!(wait("allen"), wait("allen"));
    assert_ne!(wait("allen"), wait("betty"));
}

#[test]
fn a_password_leaves_no_trace_in_the_waits() {
    let waits = |password: &str| {
        let mut input = create_input();
        input.password = password.into();
        let run = Run::new([
            on(GET_SKUS, skus(1, 0)),
            times(3, CREATE, busy(503)),
            on(CREATE, refusal(403, "Authorization_RequestDenied", "No.")),
        ]);
        run.create(input).1.waits
    };
    assert_eq!(waits(PASSWORD), waits("Another horse 8"));
}

#[test]
fn three_retries_and_no_more() {
    let concurrency = refusal(409, "Directory_ConcurrencyViolation", "Again.");
    let cases = [
        (busy(429), "throttled", Some(429)),
        (busy(503), "transport", Some(503)),
        (busy(504), "transport", Some(504)),
        (concurrency, "graph", Some(409)),
        (cut(Reach::NeverSent), "transport", None),
        (lost(), "transport", None),
    ];
    for (reply, kind, status) in cases {
        let (result, seen) = Run::new([times(4, GET_SKUS, reply)]).count();
        assert_eq!(seen.whole_waits(), [3, 6, 12]);
        let error = facts(result);
        assert_eq!((error.kind, error.graph.map(|graph| graph.status)), (kind, status));
        assert!(error.retry_safe);
        assert_eq!(error.who, Who::Wait);
    }
}

#[test]
fn what_does_not_pass_is_not_repeated() {
    for status in [400, 401, 403, 404, 407, 409, 423, 500, 501, 502, 507, 511, 302] {
        let (result, seen) = Run::new([on(GET_SKUS, busy(status))]).count();
        assert!(result.is_err());
        assert_eq!(seen.waits, [], "{status}");
    }
    let error = facts(Run::new([on(GET_SKUS, cut(Reach::Refused))]).count().0);
    assert_eq!(error.kind, "transport");
}

#[test]
fn writes_that_were_not_carried_out_are_repeated() {
    let troubles = [
        busy(429),
        busy(503),
        refusal(409, "Directory_ConcurrencyViolation", "Again."),
        cut(Reach::NeverSent),
    ];
    for trouble in troubles {
        let (result, seen) = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, trouble.clone()),
            on(CREATE, created()),
            on(ASSIGN, trouble),
            on(ASSIGN, assigned()),
            on(GET_BY_ID, shown(true)),
        ])
        .create_user();
        result.unwrap();
        assert_eq!(seen.requests[1].body, seen.requests[2].body);
        assert_eq!(retry_header(&seen), [None, None, Some("1"), None, Some("1"), None]);
    }
}

#[test]
fn a_wait_that_would_outlast_the_run_is_not_begun() {
    for (limit, after, waits) in [(10, "10", vec![]), (11, "10", vec![10]), (20, "300.5", vec![])] {
        let busy = with(busy(429), "Retry-After", after);
        let mut steps = vec![on(GET_SKUS, busy)];
        if !waits.is_empty() {
            steps.push(on(GET_SKUS, skus(2, 1)));
        }
        let (result, seen) = Run::new(steps).limit(limit).count();
        assert_eq!(seen.whole_waits(), waits);
        if waits.is_empty() {
            let error = facts(result);
            assert_eq!(error.kind, "throttled");
            assert_eq!(error.retry_after, Some(if after == "10" { 10 } else { 301 }));
            assert_eq!(error.graph.unwrap().status, 429);
        }
    }
    let endless = with(busy(429), "Retry-After", "99999999999999999999");
    let error = facts(Run::new([on(GET_SKUS, endless)]).count().0);
    assert_eq!((error.kind, error.retry_after), ("throttled", Some(u32::MAX)));
    for (after, when) in [
        ("1", "in 1 second."),
        ("90", "in 90 seconds."),
        ("601", "in 11 minutes."),
        ("7201", "in 3 hours."),
        ("2300766159", "later: Graph names a time that is more than a day away."),
    ] {
        let busy = with(busy(429), "Retry-After", after);
        let error = facts(Run::new([on(GET_SKUS, busy)]).limit(1).count().0);
        assert_eq!(error.fix, format!("Call the action again {when}"));
    }
    let mut run = Run::new([on(GET_SKUS, busy(504))]).limit(5);
    run.slowness = Duration::from_secs(3);
    assert_eq!(facts(run.count().0).kind, "throttled");
}

#[test]
fn an_answer_is_waited_for_no_longer_than_the_run_lasts() {
    let (_, seen) = Run::new([on(GET_SKUS, skus(2, 1))]).limit(30).count();
    assert_eq!(seen.requests[0].timeout, Duration::from_secs(30));
    let (_, seen) = Run::new([on(GET_SKUS, skus(2, 1))]).limit(600).count();
    assert_eq!(seen.requests[0].timeout, Duration::from_secs(60));
}

#[test]
fn lost_answers_to_repeatable_writes_are_repeated() {
    for trouble in [lost(), busy(504), cut(Reach::TooLarge)] {
        let steps = [on(DELETE_BY_NAME, trouble.clone()), on(DELETE_BY_NAME, missing())];
        let (result, seen) = Run::new(steps).delete(ALLEN);
        result.unwrap();
        assert_eq!(seen.whole_waits(), [3]);
        let error = facts(Run::new([times(4, DELETE_BY_NAME, trouble)]).delete(ALLEN).0);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true));
        assert!(error.message.contains(ALLEN), "{}", error.message);
    }
    let steps = [on(DELETE_BY_NAME, lost()), times(3, DELETE_BY_NAME, busy(429))];
    assert_eq!(
        facts(Run::new(steps).delete(ALLEN).0).kind,
        "outcome-unknown",
        "what was lost stays lost"
    );
}

/// Once an answer to a change is lost, nothing that comes later makes it known: not that Graph
/// could not be reached any more, nor that it was busy.
#[test]
fn what_is_lost_stays_lost_whatever_comes_later() {
    let later = [cut(Reach::NeverSent), busy(429), busy(503), lost(), page(502, "x")];
    for reply in later {
        let script = [on(DELETE_BY_NAME, lost()), times(3, DELETE_BY_NAME, reply.clone())];
        let script = match &reply {
            Ok(response) if response.status == 502 => {
                vec![on(DELETE_BY_NAME, lost()), on(DELETE_BY_NAME, reply.clone())]
            }
            _ => script.to_vec(),
        };
        let error = facts(Run::new(script).delete(ALLEN).0);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true), "{reply:?}");
    }
}
