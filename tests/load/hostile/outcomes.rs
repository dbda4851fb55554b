//! Each misbehaviour, and how it ends.

use std::time::{Duration, Instant};

use runner::platform::{CallResult, Load, TenantLimits};

use crate::hostile::mallory::{self, MALLORY, limits, misbehave};
use support::platform::{Slow, eventually};

/// What a guest does, and what comes of it: the limit that it went over, the kind of its
/// error, or a part of its result.
const TABLE: [(&str, &str); 57] = [
    ("nothing", "result true"),
    ("ask", "result true"),
    ("loop", "limit cpu"),
    ("compute:100", "result true"),
    ("loop-between-requests", "limit cpu"),
    ("clock", "limit cpu"),
    ("alarms", "limit time"),
    ("sleep", "limit time"),
    ("recursion", "limit stack"),
    ("panic", "sandbox: the component failed: wasm trap: wasm `unreachable`"),
    ("memory", "limit memory"),
    ("handles", "limit handles"),
    ("authority:50000000", "limit host-call"),
    ("method:50000000", "limit host-call"),
    ("huge-header:1000000", "limit host-call"),
    ("many-headers", "limit request-headers"),
    ("names:15000", "limit time"),
    ("poll:1000000", "limit host-call"),
    ("huge-request", "limit request-body"),
    ("endless-body", "limit request-body"),
    ("crumbs", "limit cpu"),
    ("many-bodies:300", "limit bytes-out"),
    ("unsent-bodies:300", "limit time"),
    ("trap-in-write", "sandbox: the component failed: wasm trap: wasm `unreachable`"),
    ("trap-after-write", "sandbox: the component failed: wasm trap: wasm `unreachable`"),
    ("two-lengths", "graph: it failed"),
    ("requests", "limit requests"),
    ("pending:900", "result true"),
    ("abandoned:900", "result true"),
    ("unread-answers:300", "limit time"),
    ("undeclared-call", "sandbox: the run was stopped: is-license-available may not call"),
    ("other-method", "sandbox: the run was stopped: is-license-available may not call"),
    ("connect", "sandbox: the run was stopped: is-license-available may not call"),
    ("long-path", "sandbox: the run was stopped: is-license-available may not call"),
    ("ignored-refusal", "sandbox: the run was stopped: is-license-available may not call"),
    ("other-host", "sandbox: the run was stopped: is-license-available may not reach"),
    ("plain-http", "sandbox: the run was stopped: is-license-available may not reach"),
    ("user-info", "sandbox: the run was stopped: is-license-available may not reach"),
    ("path-trick", "sandbox: the run was stopped: is-license-available may not call"),
    ("authorization", "result true"),
    ("headers", "result true"),
    ("client-request-id", "result true"),
    ("other-connection", "result true"),
    ("double-free", "sandbox: the component failed: unknown handle index 1"),
    ("foreign-handle", "sandbox: the component failed: unknown handle index 123456"),
    ("other-kind", "sandbox: the component failed: handle index 1 used with the wrong typ"),
    ("wrong-order", "sandbox: the component failed: resource has children"),
    ("answer-order", "sandbox: the component failed: resource has children"),
    ("cursor", "result {"),
    ("long-cursor:15000000", "limit result"),
    ("no-text", "sandbox: the component failed: invalid utf-8 sequence of 1 bytes from"),
    ("megabytes:500", "limit result"),
    ("records:1000000", "limit result"),
    ("users:400000", "limit result"),
    ("error", "graph: it failed"),
    ("long-error:15000000", "limit result"),
    ("many-steps:1000000", "graph"),
];

/// Of these nothing reaches Graph.
const UNSENT: [&str; 12] = [
    "undeclared-call",
    "other-method",
    "connect",
    "long-path",
    "ignored-refusal",
    "other-host",
    "plain-http",
    "user-info",
    "path-trick",
    "trap-in-write",
    "two-lengths",
    "endless-body",
];

/// How a run ended, in two words.
fn ended(answer: &CallResult) -> String {
    match &answer.outcome {
        Ok(result) => format!("result {:.40}", result.to_string()),
        Err(failure) => {
            let error = failure.report().to_json();
            match error["limit"].as_str() {
                Some(limit) => format!("limit {limit}"),
                None => {
                    let message = error["message"].as_str().unwrap();
                    format!("{}: {message:.60}", failure.report().kind_name().to_owned())
                }
            }
        }
    }
}

/// Limits of which one, the expected one, is met first, however busy the machine is.
fn limits_of(expected: &str) -> TenantLimits {
    let (mut limits, generous) = (limits(), TenantLimits::default());
    if expected != "limit time" {
        limits.time = generous.time;
    }
    if expected != "limit cpu" {
        limits.cpu = generous.cpu;
    }
    limits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_ends_in_its_own_way() {
    let _alone = support::platform::alone().await;
    let (mallorys, contosos) = (Slow::new(Duration::ZERO), Slow::new(Duration::ZERO));
    let platform = mallory::platform(&mallorys, &contosos, limits());
    let mut wrong = Vec::new();
    for (how, expected) in TABLE {
        platform.register(mallory::tenant(mallorys.egress(), limits_of(expected)));
        let (began, asked) = (Instant::now(), mallorys.asked());
        let answer = misbehave(&platform, how).await;
        let told = ended(&answer);
        if !told.starts_with(expected) {
            wrong.push(format!("{how}: {told}, and not {expected}"));
        }
        if UNSENT.contains(&how) && mallorys.asked() > asked {
            wrong.push(format!("{how}: Graph was asked"));
        }
        // A limit, two seconds in which to say what was done, and some for a machine that is
        // busy.
        assert!(began.elapsed() < Duration::from_secs(12), "{how}: {:?}", began.elapsed());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Nothing of them is left, and what they were at has not reached the other directory.
    assert_eq!(platform.load(MALLORY), Load::default());
    assert_eq!(platform.free_permits(), 16);
    assert_eq!(contosos.asked(), 0);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    eventually("no task of theirs goes on", || tasks() == 0).await;
}
