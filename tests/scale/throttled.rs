//! What one process learns of Graph's throttling, the others obey.

use std::time::{Duration, Instant};

use runner::platform::Platform;
use runner::simulator::Limits;
use runner::store::Group;
use serde_json::Value;
use support::nats::Nats;
use support::platform::{done, failed, seats};
use support::throttling::{Graph, platform};

use super::processes::join;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_waits_when_graph_has_asked_another_to() {
    let Some(mut nats) = Nats::start() else { return };
    // In ten seconds some calls, and then a wait of some seconds.
    let graph = Graph::start("contoso", Limits { units: 12, writes: 100 }).await;
    let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let process = async |number: usize| {
        let builder = Platform::builder().shared(join(&nats).await);
        platform(builder, directories[number].path(), &[&graph.table])
    };
    let (one, other) = (process(0).await, process(1).await);
    done(&other.run(seats("contoso")).await);
    let short = || seats("contoso").within(Duration::from_millis(900));
    while graph.throttled() == 0 {
        tokio::spawn({
            let (one, call) = (one.clone(), seats("contoso").within(Duration::from_secs(100)));
            async move { one.run(call).await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let store = join(&nats).await.store().clone();
    let told = async {
        while store.list(Group::Throttled, &[]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), told).await.unwrap();
    // It is told at once; another that starts lists it.
    let late = process(2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let asked = graph.asked();
    for platform in [&other, &late] {
        let began = Instant::now();
        let answer = platform.run(short()).await;
        assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
        let error = failed(&answer).report().to_json();
        assert_eq!(error["kind"], "throttled", "{error}");
        assert_eq!(error["graph"]["status"], 429, "{error}");
        assert_eq!(error["graph"]["code"], "TooManyRequests", "{error}");
        assert_eq!(error["graph"]["requestId"], Value::Null, "{error}");
        assert_eq!(answer.receipt.graph_requests, 0);
        let wait = error["retryAfterSeconds"].as_u64().unwrap();
        assert!((1..=10).contains(&wait), "{error}");
    }
    assert_eq!(graph.asked(), asked, "nobody asks a Graph that said wait");
    // A run that has time waits, whether the store is there or not.
    nats.kill();
    let patient = seats("contoso").within(Duration::from_secs(100));
    let answer = other.run(patient).await;
    done(&answer);
    assert!(answer.receipt.wait_ms > 300, "{:?}", answer.receipt);
}
