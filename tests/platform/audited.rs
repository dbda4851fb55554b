//! What the audit log has of it.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use runner::audit::{AuditLog, DONE, Line};
use runner::egress::Request;
use runner::platform::{Failure, Link, Platform, Tenant, TenantLimits};
use runner::run;
use serde_json::Value;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use support::platform::{Slow, connection, creation, done, failed, seats};

fn audited(path: &Path) -> Platform {
    let log = AuditLog::open(path).unwrap();
    Platform::builder().max_runs(4).audit(log).build().unwrap()
}

fn lines(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_is_noted_before_it_is_sent_and_after_it_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let platform = audited(&path);
    let slow = Slow::new(Duration::from_millis(50));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let answer = platform.run(creation("contoso", "allen")).await;
    done(&answer);
    let told: Vec<String> = lines(&path)
        .iter()
        .map(|line| match line {
            Line::Log(_) => "log".to_owned(),
            Line::Write(write) => {
                assert_eq!((write.run, &*write.tenant), (answer.run, "contoso"));
                assert_eq!((&*write.action, &*write.connection), ("create-user", "main"));
                format!("write {} {}", write.number, write.method)
            }
            Line::Response(answered) => {
                assert!(answered.request_id.is_some());
                format!("answer {} {:?}", answered.number, answered.status)
            }
            Line::Run(run) => {
                assert_eq!(run.outcome, DONE);
                assert_eq!(run.component, platform.host().component());
                assert_eq!(run.input_digest.len(), 64);
                assert_eq!(run.receipt.graph_requests, answer.receipt.graph_requests);
                format!("run {}", run.writes.len())
            }
        })
        .collect();
    let expected = [
        "log",
        "write 1 POST",
        "answer 1 Some(201)",
        "write 2 POST",
        "answer 2 Some(200)",
        "run 2",
    ];
    assert_eq!(told, expected);
    assert!(!fs::read_to_string(&path).unwrap().contains("Any-passw0rd"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_of_an_input_says_nothing_of_its_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let platform = audited(&path);
    let slow = Slow::new(Duration::ZERO);
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let with = |name: &str, value: Value| {
        let mut call = creation("contoso", "allen").planned();
        call.input[name] = value;
        call
    };
    let calls = [
        creation("contoso", "allen").planned(),
        with("password", "Other-passw0rd".into()),
        with("displayName", "Beth".into()),
    ];
    for call in calls {
        done(&platform.run(call).await);
    }
    let digests: Vec<String> = lines(&path)
        .into_iter()
        .filter_map(|line| match line {
            Line::Run(run) => {
                assert!(run.plan);
                assert!(run.writes.is_empty(), "a plan writes nothing");
                Some(run.input_digest)
            }
            _ => None,
        })
        .collect();
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[0], digests[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_no_run_and_what_is_cut_short_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let platform = audited(&path);
    let slow = Slow::new(Duration::from_millis(400));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let mut wrong = seats("contoso");
    wrong.input = serde_json::json!({});
    failed(&platform.run(wrong).await);
    let running = tokio::spawn({
        let platform = platform.clone();
        async move { platform.run(creation("contoso", "allen")).await }
    });
    support::platform::eventually("the user is there", || slow.has_user("allen")).await;
    platform.stop(Duration::from_millis(50)).await;
    let cut = running.await.unwrap();
    assert!(matches!(failed(&cut), Failure::Run(run::Failure::Interrupted { .. })));
    let runs: Vec<_> = lines(&path)
        .into_iter()
        .filter_map(|line| match line {
            Line::Run(run) => Some(run),
            _ => None,
        })
        .collect();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].run, cut.run);
    assert_eq!(runs[0].outcome, "outcome-unknown");
    assert_eq!(runs[0].writes.len(), 1);
    assert_eq!(runs[0].writes[0].status, None, "its answer had not come");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_begins_with_its_call_and_not_with_its_turn() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let platform = audited(&path);
    let slow = Slow::new(Duration::from_millis(300));
    let limits = TenantLimits { concurrent_runs: 1, ..TenantLimits::default() };
    platform.register(slow.tenant("contoso", limits));
    let (first, second) =
        tokio::join!(platform.run(seats("contoso")), platform.run(seats("contoso")));
    assert!(first.receipt.wait_ms.max(second.receipt.wait_ms) > 200, "one of them waited");
    for line in lines(&path) {
        let Line::Run(run) = line else { continue };
        let took = run.ended_at.duration_since(run.started_at).as_millis();
        let wall = i128::from(run.receipt.wall_ms);
        assert!((wall - 50..wall + 200).contains(&took), "{took} ms, and {wall} ms by its receipt");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_has_the_id_of_its_run() {
    let slow = Slow::new(Duration::ZERO);
    let ids: Arc<Mutex<Vec<String>>> = Arc::default();
    let (inner, seen) = (slow.egress(), Arc::clone(&ids));
    let egress = BoxCloneSyncService::new(service_fn(move |request: Request| {
        let id = request.headers()["client-request-id"].to_str().unwrap().to_owned();
        seen.lock().unwrap().push(id);
        inner.clone().oneshot(request)
    }));
    let platform = support::platform::platform(2);
    platform.register(Tenant::new("contoso").with_link(Link::given("main", connection(), egress)));
    for nickname in ["allen", "beth"] {
        let answer = platform.run(creation("contoso", nickname)).await;
        done(&answer);
        let seen = std::mem::take(&mut *ids.lock().unwrap());
        assert!(seen.len() >= 4);
        assert!(seen.iter().all(|id| *id == answer.run.to_string()), "{seen:?}");
    }
}
