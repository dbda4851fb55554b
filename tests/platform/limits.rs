//! What one tenant may use, and what it is told beyond.

use std::time::{Duration, Instant};

use runner::context::Stop;
use runner::limits::{ROWS, RunLimit};
use runner::platform::{Busy, Call, Failure, Platform, Refusal, Tenant, TenantLimits};
use runner::run;
use serde_json::json;

use support::platform::{Slow, connection, creation, done, eventually, failed, platform, seats};

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_says_what_a_run_took() {
    let platform = platform(4);
    let slow = Slow::new(Duration::from_millis(20));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let answer = platform.run(creation("contoso", "allen")).await;
    assert_eq!(done(&answer)["userPrincipalName"], "allen@contoso.onmicrosoft.com");
    let receipt = &answer.receipt;
    assert_eq!(usize::try_from(receipt.graph_requests).unwrap(), slow.asked());
    assert!(receipt.graph_requests >= 4, "{receipt:?}");
    assert!(receipt.wall_ms >= 20 * u64::from(receipt.graph_requests), "{receipt:?}");
    assert!(receipt.wall_ms < 60_000, "{receipt:?}");
    assert!(receipt.cpu_us > 50, "{receipt:?}");
    assert!(Duration::from_micros(receipt.cpu_us) < Duration::from_secs(2), "{receipt:?}");
    assert!((1 << 16..1 << 26).contains(&receipt.peak_memory_bytes), "{receipt:?}");
    assert!(receipt.bytes_in > 1_000 && receipt.bytes_out > 100, "{receipt:?}");
    assert_eq!(receipt.retries, 0, "{receipt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_call_is_told_before_anything_is_sent() {
    let platform = platform(4);
    let slow = Slow::new(Duration::ZERO);
    let allowed = slow.tenant("contoso", TenantLimits::default()).with_actions(["delete-user"]);
    platform.register(allowed.clone());
    platform.register(Tenant { id: "fabrikam".to_owned(), actions: None, ..allowed.clone() });
    platform.register(Tenant::new("bare"));
    let user = json!({ "userPrincipalName": "anna.berg@contoso.onmicrosoft.com" });
    let with = |more: serde_json::Value| {
        let mut user = user.clone();
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user
    };
    let table = [
        (Call::new("nobody", "delete-user", user.clone()), "no-such-tenant", ""),
        (Call::new("contoso", "delete-usr", user.clone()), "no-such-action", ""),
        (seats("contoso"), "not-allowed", ""),
        (Call::new("fabrikam", "delete-user", json!([])), "invalid-input", ""),
        (Call::new("fabrikam", "delete-user", json!({})), "invalid-input", "/userPrincipalName"),
        (Call::new("bare", "delete-user", user.clone()), "invalid-input", "/connectionId"),
        (
            Call::new("fabrikam", "delete-user", with(json!({ "connectionId": "other" }))),
            "invalid-input",
            "/connectionId",
        ),
        (
            Call::new("fabrikam", "delete-user", with(json!({ "connectionId": 7 }))),
            "invalid-input",
            "/connectionId",
        ),
    ];
    for (call, kind, pointer) in table {
        let answer = platform.run(call.clone()).await;
        let failure = failed(&answer);
        assert!(matches!(failure, Failure::Refused(_)), "{call:?}: {failure:?}");
        let error = failure.report().to_json();
        assert_eq!(error["kind"], kind, "{call:?}");
        assert_ne!(error["fix"], "", "{call:?}");
        assert_eq!(error["retrySafe"], true, "{call:?}");
        if !pointer.is_empty() {
            assert_eq!(error["problems"][0]["pointer"], pointer, "{call:?}: {error}");
        }
    }
    assert_eq!(slow.asked(), 0);
    // The connection that is left out is the one there is.
    done(&platform.run(Call::new("contoso", "delete-user", user)).await);
    // An action that makes no call needs none.
    done(&platform.run(Call::new("bare", "country-codes", json!({}))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once_and_only_its_own_tenant() {
    let platform = platform(32);
    let slow = Slow::new(Duration::from_millis(500));
    let limits = TenantLimits { concurrent_runs: 2, queue_length: 3, ..TenantLimits::default() };
    platform.register(slow.tenant("contoso", limits));
    platform.register(slow.tenant("fabrikam", TenantLimits::default()));
    let runs: Vec<_> = (0..5)
        .map(|_| {
            let platform = platform.clone();
            tokio::spawn(async move { platform.run(seats("contoso")).await })
        })
        .collect();
    eventually("all five are there", || {
        let load = platform.load("contoso");
        load.running == 2 && load.waiting == 3
    })
    .await;
    eventually("two go on", || slow.asked() == 2).await;
    let asked = Instant::now();
    let refused = platform.run(seats("contoso")).await;
    assert!(asked.elapsed() < Duration::from_millis(100), "{:?}", asked.elapsed());
    let busy = Busy { concurrent: 2, queue: 3 };
    assert_eq!(*failed(&refused), Failure::Refused(Refusal::Busy(busy)));
    assert_eq!(failed(&refused).report().to_json()["retryAfterSeconds"], 1);
    // Another tenant does not notice.
    let other = platform.run(seats("fabrikam")).await;
    assert_eq!(done(&other), true);
    assert!(other.receipt.wait_ms < 100, "{:?}", other.receipt);
    let waits: Vec<u64> = {
        let mut waits = Vec::new();
        for run in runs {
            let answer = run.await.unwrap();
            assert_eq!(done(&answer), true);
            waits.push(answer.receipt.wait_ms);
        }
        waits.sort_unstable();
        waits
    };
    assert!(waits[1] < 100 && waits[2] >= 400, "{waits:?}");
    assert_eq!(platform.load("contoso"), runner::platform::Load::default());
    assert_eq!(platform.free_permits(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_of_a_run_ends_it_and_says_which_it_was() {
    let platform = platform(4);
    let slow = Slow::new(Duration::ZERO);
    let usual = TenantLimits::default;
    let table = [
        (TenantLimits { requests: 2, ..usual() }, Stop::at(RunLimit::Requests, 2_u32), "requests"),
        (
            TenantLimits { bytes_in: 100, ..usual() },
            Stop::at(RunLimit::BytesIn, 100_u64),
            "bytes-in",
        ),
        (
            TenantLimits { bytes_out: 10, ..usual() },
            Stop::at(RunLimit::BytesOut, 10_u64),
            "bytes-out",
        ),
        (
            TenantLimits { cpu: Duration::from_nanos(1), ..usual() },
            Stop::Computing(Duration::from_nanos(1)),
            "cpu",
        ),
    ];
    for (number, (limits, expected, name)) in table.into_iter().enumerate() {
        platform.register(slow.tenant("contoso", limits));
        let nickname = format!("allen{number}");
        let answer = platform.run(creation("contoso", &nickname)).await;
        let Failure::Run(run::Failure::Stopped { stop, writes }) = failed(&answer) else {
            panic!("{answer:?}")
        };
        assert_eq!(*stop, expected);
        let error = failed(&answer).report().to_json();
        assert_eq!(error["kind"], "sandbox");
        assert_eq!(error["limit"], name);
        // What was done before is told, and is so.
        assert_eq!(slow.has_user(&nickname), !writes.is_empty(), "{name}: {writes:?}");
        assert_eq!(error["retrySafe"], writes.is_empty(), "{name}");
    }
    let memory = TenantLimits { memory: 64 << 10, ..usual() };
    platform.register(slow.tenant("contoso", memory));
    let answer = platform.run(seats("contoso")).await;
    assert_eq!(failed(&answer).report().to_json()["limit"], "memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_keeps_its_time_limit_or_is_ended() {
    let limits = TenantLimits { time: Duration::from_millis(200), ..TenantLimits::default() };
    let silent = Slow::new(Duration::from_secs(30)).tenant("contoso", limits);
    let keeps = platform(4);
    keeps.register(silent.clone());
    let began = Instant::now();
    let error = failed(&keeps.run(seats("contoso")).await).report().to_json();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!((&error["kind"], &error["retrySafe"]), (&json!("throttled"), &json!(true)));

    let hostile = std::fs::read(support::hostile_guest()).unwrap();
    let ended = Platform::builder().max_runs(4).component(hostile).build().unwrap();
    ended.register(silent);
    let began = Instant::now();
    let sleeps = Call::new("contoso", "is-license-available", json!({ "serviceId": "sleep" }));
    let answer = ended.run(sleeps).await;
    // With the two seconds in which a component may still say what it has done.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(failed(&answer).report().to_json()["limit"], "time", "{answer:?}");
}

/// A row of the table that nothing enforces fails here.
#[tokio::test(flavor = "multi_thread")]
async fn each_limit_that_is_counted_reaches_the_run() {
    let platform = platform(4);
    let slow = Slow::new(Duration::ZERO);
    let mut reached = Vec::new();
    for (row, limit) in ROWS.iter().filter_map(|row| Some((row, row.ends?))) {
        let mut limits = TenantLimits::default();
        row.set_amount(&mut limits, 1);
        platform.register(slow.tenant("contoso", limits));
        let answer = platform.run(creation("contoso", row.key)).await;
        let error = failed(&answer).report().to_json();
        assert_eq!(error["limit"], limit.name(), "{}: {error}", row.key);
        let message = format!("the run was stopped at its limit of {}", limit.reached(1));
        assert_eq!(error["message"], message);
        reached.push(limit.name());
    }
    for known in ["requests", "bytes-in", "bytes-out", "result"] {
        assert!(reached.contains(&known), "{known}");
    }
    // The others have tests of their own.
    let others = ROWS.iter().filter(|row| row.ends.is_none()).map(|row| row.key);
    assert_eq!(
        others.collect::<Vec<_>>(),
        [
            "concurrent-runs",
            "queue-length",
            "calls-per-minute",
            "time-limit",
            "cpu-limit",
            "memory-limit"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_counts_from_the_call() {
    let platform = platform(4);
    let slow = Slow::new(Duration::from_millis(700));
    let limits = TenantLimits { concurrent_runs: 1, ..TenantLimits::default() };
    platform.register(slow.tenant("contoso", limits));
    let first = tokio::spawn({
        let platform = platform.clone();
        async move { platform.run(seats("contoso")).await }
    });
    eventually("the first goes on", || platform.load("contoso").running == 1).await;
    let began = Instant::now();
    let answer = platform.run(seats("contoso").within(Duration::from_millis(100))).await;
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
    assert!(matches!(failed(&answer), Failure::Refused(Refusal::Deadline { .. })), "{answer:?}");
    done(&first.await.unwrap());
    // What gave up waiting left no trace.
    done(&platform.run(seats("contoso").within(Duration::from_secs(30))).await);
    assert_eq!(slow.asked(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_changes_nothing() {
    let platform = platform(4);
    let slow = Slow::new(Duration::ZERO);
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let answer = platform.run(creation("contoso", "allen").planned()).await;
    let report = done(&answer);
    let writes = report["writes"].as_array().unwrap();
    assert_eq!(writes.len(), 2, "{report}");
    assert_eq!(writes[0]["method"], "POST");
    assert!(!report.to_string().contains("Any-passw0rd"), "{report}");
    assert_eq!(report["result"]["userPrincipalName"], "allen@contoso.onmicrosoft.com");
    assert!(!slow.has_user("allen"));
    // One that would fail says so, and is no failure of the plan.
    let failing = platform.run(creation("contoso", "anna").planned()).await;
    assert_eq!(connection().tenant, "contoso.onmicrosoft.com");
    assert_ne!(done(&failing)["note"], "");
}
