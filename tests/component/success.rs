//! What counts as done: for each call the one answer that Graph documents, and nothing else.

use crate::support::*;
use component::graph::operation::ALL;
use serde_json::{Value, json};

/// Successes that are not Graph's for any write: by a captive portal, an inspecting proxy, a
/// gateway that passes an error on, a server that cuts its answer.
fn other_successes() -> Vec<Reply> {
    let error = json!({"error": {"code": "Request_BadRequest", "message": "Not done."}});
    let mut both = user(true);
    both["error"] = error["error"].clone();
    let cut = answer(200, Value::Null).map(|mut response| {
        response.body = br#"{"id": "11111111-2222"#.to_vec().into();
        response
    });
    vec![
        page(200, "Sign in"),
        page(201, "Sign in"),
        page(202, "Sign in"),
        answer(200, error.clone()),
        answer(201, error),
        answer(200, both),
        answer(200, json!({})),
        answer(200, json!({"id": ""})),
        answer(200, json!([])),
        answer(206, user(true)),
        answer(203, user(true)),
        cut,
    ]
}

#[test]
fn every_call_that_an_action_declares_has_its_success() {
    let contract: toml::Table = include_str!("../../wit/actions.toml").parse().unwrap();
    let mut declared: Vec<&str> =
        contract["calls"].as_table().unwrap().keys().map(String::as_str).collect();
    declared.sort_unstable();
    let mut known: Vec<&str> = ALL.iter().map(|operation| operation.name).collect();
    known.sort_unstable();
    assert_eq!(known, declared);
}

#[test]
fn a_user_is_deleted_when_graph_says_204() {
    Run::new([on(DELETE_BY_NAME, no_content())]).delete(ALLEN).0.unwrap();
    let others = [answer(200, Value::Null), answer(202, Value::Null), answer(204, user(true))];
    for reply in other_successes().into_iter().chain(others) {
        let (result, seen) = Run::new([times(4, DELETE_BY_NAME, reply.clone())]).delete(ALLEN);
        let error = facts(result);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true), "{reply:?}");
        assert_eq!(seen.whole_waits(), [3, 6, 12]);
        let told = ["204 without a body was expected, and ", "Graph answered 20", "answered 20"];
        assert!(told.iter().any(|told| error.message.contains(told)), "{}", error.message);
        // What comes after it counts.
        let then = [on(DELETE_BY_NAME, reply.clone()), on(DELETE_BY_NAME, no_content())];
        Run::new(then).delete(ALLEN).0.unwrap();
        let then = [on(DELETE_BY_NAME, reply.clone()), on(DELETE_BY_NAME, page(403, "Blocked"))];
        assert_eq!(facts(Run::new(then).delete(ALLEN).0).kind, "outcome-unknown", "{reply:?}");
        let denied = refusal(403, "Authorization_RequestDenied", "No.");
        let then = [on(DELETE_BY_NAME, reply), on(DELETE_BY_NAME, denied)];
        assert_eq!(facts(Run::new(then).delete(ALLEN).0).kind, "forbidden");
    }
}

#[test]
fn a_user_is_created_when_graph_says_201_and_shows_it() {
    let mut replies = other_successes();
    replies.extend([answer(200, user(true)), answer(204, Value::Null), answer(201, Value::Null)]);
    for reply in replies {
        // It is looked for, and taken for this run's.
        let (result, seen) = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, reply.clone()),
            on(GET_BY_NAME, shown(false)),
            on(ASSIGN, assigned()),
            on(GET_BY_ID, shown(true)),
        ])
        .create_user();
        assert_eq!(result.unwrap().object_id, ID, "{reply:?}");
        assert_eq!(seen.calls().iter().filter(|call| *call == CREATE).count(), 1);

        let (result, _) = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, reply.clone()),
            while_asked(GET_BY_NAME, missing()),
            on(CREATE, reply.clone()),
        ])
        .create_user();
        let error = facts(result);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", false), "{reply:?}");
    }
}

#[test]
fn a_licence_is_assigned_when_graph_says_200_or_202_and_shows_the_user() {
    for done in [assigned(), answer(202, user(false))] {
        let script = [
            on(GET_BY_NAME, shown(false)),
            on(GET_SKUS, skus(2, 1)),
            on(ASSIGN, done),
            on(GET_BY_ID, shown(true)),
        ];
        assert_eq!(Run::new(script).assign().0.unwrap().assigned_licenses[0].sku_id, SKU);
    }
    let others = [answer(204, Value::Null), answer(202, Value::Null), answer(201, user(false))];
    for reply in other_successes().into_iter().chain(others) {
        let script = |licensed| {
            [
                on(GET_BY_NAME, shown(false)),
                on(GET_SKUS, skus(2, 1)),
                times(4, ASSIGN, reply.clone()),
                while_asked(GET_BY_ID, shown(licensed)),
            ]
        };
        let error = facts(Run::new(script(false)).assign().0);
        assert_eq!((error.kind, error.retry_safe), ("outcome-unknown", true), "{reply:?}");
        assert!(Run::new(script(true)).assign().0.is_ok(), "the read tells: {reply:?}");
    }
}

/// A deletion that Graph did not acknowledge leaves a user, as far as is known.
#[test]
fn an_undo_is_done_when_graph_says_so() {
    let no_seat = || {
        let text = "Subscription with SKU x does not have any available licenses.";
        refusal(400, "Request_BadRequest", text)
    };
    for reply in other_successes() {
        let error = facts(
            Run::new([
                on(GET_SKUS, skus(2, 1)),
                on(CREATE, created()),
                on(ASSIGN, no_seat()),
                times(4, DELETE_BY_ID, reply.clone()),
            ])
            .create_user()
            .0,
        );
        assert_eq!((error.kind, error.retry_safe), ("license-unavailable", false));
        assert!(!error.message.contains("no user is left"), "{}", error.message);
        assert!(error.message.contains("is left, as far as is known"), "{}", error.message);
        assert_eq!(error.completed.len(), 1, "{reply:?}");
    }
}

#[test]
fn a_listing_with_an_error_is_none() {
    let error = json!({"code": "Authorization_RequestDenied", "message": "Insufficient."});
    let bodies = [
        json!({"value": [], "error": error}),
        json!({"error": error, "value": []}),
        json!({"error": error}),
    ];
    for body in bodies {
        let failed = facts(Run::new([on(GET_SKUS, answer(200, body.clone()))]).count().0);
        assert_eq!(failed.kind, "forbidden", "{body}");
        assert!(failed.message.contains("Insufficient."), "{}", failed.message);
        let graph = failed.graph.unwrap();
        assert_eq!((graph.status, graph.code.as_str()), (200, "Authorization_RequestDenied"));
    }
    let error = facts(Run::new([on(GET_SKUS, page(200, "Sign in"))]).count().0);
    assert_eq!((error.kind, error.graph.is_none()), ("transport", true));
    let packed = page(200, "x").map(|mut response| {
        response.headers.clear();
        response.body = vec![0x1f, 0x8b, 8, 0, 0, 0xff].into();
        response
    });
    let error = facts(Run::new([on(GET_SKUS, packed)]).count().0);
    assert!(error.message.contains("200 (neither JSON nor text)"), "{}", error.message);
    // Null and a missing property are the same.
    let listed = json!({"error": null, "value": [sku(25, 11)]});
    assert_eq!(Run::new([on(GET_SKUS, answer(200, listed))]).count().0.unwrap(), 14);
}

/// Some of Graph's services and Entra put a byte order mark before their JSON.
#[test]
fn a_byte_order_mark_is_skipped() {
    let marked = |reply: Reply, cut: usize| {
        reply.map(|mut response| {
            let text = [b"\xef\xbb\xbf", &*response.body.joined()].concat();
            let mut body = component::graph::Body::default();
            body.push(text[..cut].to_vec());
            body.push(text[cut..].to_vec());
            response.body = body;
            response
        })
    };
    for cut in 0..6 {
        assert_eq!(Run::new([on(GET_SKUS, marked(skus(25, 11), cut))]).count().0.unwrap(), 14);
        let denied = marked(refusal(403, "Authorization_RequestDenied", "No."), cut);
        assert_eq!(facts(Run::new([on(GET_SKUS, denied)]).count().0).kind, "forbidden");
        let (result, _) = Run::new([
            on(GET_SKUS, skus(2, 1)),
            on(CREATE, marked(created(), cut)),
            on(ASSIGN, marked(assigned(), cut)),
            on(GET_BY_ID, marked(shown(true), cut)),
        ])
        .create_user();
        assert_eq!(result.unwrap().object_id, ID);
    }
}
