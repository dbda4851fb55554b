//! What one run learns of Graph's throttling, the others of the same application know.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{StatusCode, Uri};
use axum::response::AppendHeaders;
use axum::{Json, Router};
use runner::platform::{Call, Platform};
use runner::simulator::Limits;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use support::platform::{SKU, done, failed, seats};
use support::throttling::{Graph, connection, log, platform};

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
    // What the first run has to load is loaded, so that those that follow do not pile up.
    done(&platform.run(seats("fabrikam")).await);
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

/// A Graph that refuses the read of licences for as long as somebody else asks it things, and its
/// address.
async fn jealous() -> String {
    let last = Arc::new(Mutex::new(None::<Instant>));
    let answer = move |uri: Uri| {
        let mut last = last.lock().unwrap();
        let is_quiet = last.is_none_or(|at| at.elapsed() > Duration::from_millis(700));
        let (status, body) = if uri.path().ends_with("/token") {
            let token = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "t" });
            (StatusCode::OK, token)
        } else if !uri.path().ends_with("/subscribedSkus") {
            *last = Some(Instant::now());
            (StatusCode::NOT_FOUND, json!({ "error": { "code": "Request_ResourceNotFound" } }))
        } else if is_quiet {
            let sku = json!({
                "skuId": SKU, "skuPartNumber": "STANDARDPACK", "appliesTo": "User",
                "capabilityStatus": "Enabled", "consumedUnits": 0, "prepaidUnits": { "enabled": 1 },
            });
            (StatusCode::OK, json!({ "value": [sku] }))
        } else {
            let error = json!({ "error": { "code": "TooManyRequests", "message": "Wait." } });
            (StatusCode::TOO_MANY_REQUESTS, error)
        };
        let wait = (status == StatusCode::TOO_MANY_REQUESTS).then_some(("retry-after", "0.1"));
        async move { (status, AppendHeaders(wait), Json(body)) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_run_takes_its_turn_before_the_runs_that_come_later() {
    let url = jealous().await;
    let directory = tempfile::tempdir().unwrap();
    let table = connection("contoso", &url);
    let platform = platform(Platform::builder(), directory.path(), &[&table]);
    let others = platform.clone();
    let others = tokio::spawn(async move {
        loop {
            let nobody = json!({ "userPrincipalName": "nobody@contoso.onmicrosoft.com" });
            let answer = others.run(Call::new("contoso", "delete-user", nobody)).await;
            done(&answer);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let answer = platform.run(seats("contoso").within(Duration::from_secs(60))).await;
    assert!(!others.is_finished());
    done(&answer);
}
