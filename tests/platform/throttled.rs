//! What one run learns of Graph's throttling, the others of the same application know.

use std::fs;
use std::time::{Duration, Instant};

use runner::platform::{Call, Platform};
use runner::simulator::Limits;
use serde_json::{Value, json};

use support::platform::{done, failed, seats};
use support::throttling::{Graph, log, platform};

#[tokio::test(flavor = "multi_thread")]
async fn when_graph_says_wait_the_next_runs_wait_and_other_tenants_go_on() {
    // In ten seconds some calls, and then a wait of some seconds.
    let narrow = Limits { units: 12, writes: 100 };
    let wide = Limits { units: 100_000, writes: 100_000 };
    let (throttling, other) =
        (Graph::start("contoso", narrow).await, Graph::start("fabrikam", wide).await);
    let directory = tempfile::tempdir().unwrap();
    let platform =
        platform(Platform::builder(), directory.path(), &[&throttling.table, &other.table]);
    let run = |deadline: Duration| {
        let platform = platform.clone();
        tokio::spawn(async move { platform.run(seats("contoso").within(deadline)).await })
    };
    let mut first = Vec::new();
    while throttling.throttled() == 0 {
        first.push(run(Duration::from_secs(100)));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let asked = throttling.asked();
    // Who has no time is told at once, with the time that is left; nothing of the answer that
    // another was given is in it, and nothing counts as sent.
    let began = Instant::now();
    let answer = run(Duration::from_millis(900)).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    let error = failed(&answer).report().to_json();
    assert_eq!(error["kind"], "throttled", "{error}");
    assert_eq!(error["graph"]["status"], 429, "{error}");
    assert_eq!(error["graph"]["code"], "TooManyRequests", "{error}");
    assert_eq!(error["graph"]["requestId"], Value::Null, "{error}");
    assert!(error["graph"]["message"].as_str().unwrap().contains("was not sent"), "{error}");
    assert_eq!((answer.receipt.graph_requests, answer.receipt.bytes_in), (0, 0));
    let wait = error["retryAfterSeconds"].as_u64().unwrap();
    assert!((1..=10).contains(&wait), "{error}");
    // A write that was not sent is not said to be.
    let deletion = json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" });
    let deletion = Call::new("contoso", "delete-user", deletion).within(Duration::from_millis(900));
    let answer = platform.run(deletion).await;
    assert_eq!(
        failed(&answer).report().kind_name(),
        "throttled",
        "{}",
        failed(&answer).report().to_json()
    );
    let lines: Vec<Value> = fs::read_to_string(log(directory.path()))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["run"] == answer.run.to_string())
        .collect();
    let [write, answered, whole] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!((&write["method"], &answered["sent"]), (&json!("DELETE"), &json!(false)));
    assert_eq!(whole["writes"][0]["sent"], false, "{whole:#}");
    assert_eq!(whole["writes"][0]["requestId"], Value::Null, "{whole:#}");
    // Who has time waits, and Graph is not asked meanwhile.
    let waiting: Vec<_> = (0..4).map(|_| run(Duration::from_secs(100))).collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(throttling.asked(), asked, "nobody asks a Graph that said wait");
    // Another tenant does not notice.
    let began = Instant::now();
    for _ in 0..10 {
        done(&platform.run(seats("fabrikam")).await);
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let mut waited = 0;
    for run in waiting.into_iter().chain(first) {
        let answer = run.await.unwrap();
        done(&answer);
        waited += usize::from(answer.receipt.wait_ms > 500);
    }
    assert!(waited >= 4, "{waited} waited");
    let (asked, throttled) = (throttling.asked(), throttling.throttled());
    assert!(throttled * 2 < asked, "{throttled} of {asked} requests were throttled");
}
