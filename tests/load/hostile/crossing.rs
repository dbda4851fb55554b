//! What a tenant finds of another, and what goes out to its Graph.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Method};
use runner::egress::{EgressStack, Request};
use runner::platform::Failure;
use runner::run;
use serde_json::json;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use crate::hostile::mallory::{CONTOSO, MALLORY, call, limits, misbehave, platform, platform_on};
use support::platform::{Slow, done, failed};

/// The methods and headers of what a directory was asked.
type Asked = Arc<Mutex<Vec<(Method, HeaderMap)>>>;

/// A directory, and what it is asked.
fn watched() -> (EgressStack, Asked) {
    let asked = Asked::default();
    let inner = Slow::new(Duration::ZERO).egress();
    let noted = Arc::clone(&asked);
    let egress = BoxCloneSyncService::new(service_fn(move |request: Request| {
        let heard = (request.method().clone(), request.headers().clone());
        noted.lock().unwrap().push(heard);
        let inner = inner.clone();
        async move { inner.oneshot(request).await }
    }));
    (egress, asked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_bears_the_id_of_its_run_whatever_the_guest_says() {
    let _alone = support::platform::alone().await;
    let (egress, asked) = watched();
    let platform = platform_on(egress, Slow::new(Duration::ZERO).egress(), limits());
    let answer = misbehave(&platform, "client-request-id").await;
    assert_eq!(done(&answer), true);
    let asked = asked.lock().unwrap();
    let [(_, headers)] = asked.as_slice() else { panic!("{asked:?}") };
    let ids: Vec<_> = headers.get_all("client-request-id").iter().collect();
    assert_eq!(ids, [answer.run.to_string().as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_not_at_its_end_is_not_sent() {
    let _alone = support::platform::alone().await;
    let (egress, asked) = watched();
    let platform = platform_on(egress, Slow::new(Duration::ZERO).egress(), limits());
    for _ in 0..100 {
        let answer = misbehave(&platform, "trap-in-write").await;
        let Failure::Run(run::Failure::Stopped { writes, .. }) = failed(&answer) else {
            panic!("{answer:?}")
        };
        assert!(writes.is_empty(), "{writes:?}");
        assert_eq!(failed(&answer).report().to_json()["retrySafe"], true);
    }
    // Whatever was still on its way is there by now.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(asked.lock().unwrap().len(), 0, "half a write has gone out");
    let answer = misbehave(&platform, "two-lengths").await;
    assert!(matches!(failed(&answer), Failure::Run(run::Failure::Action(_))), "{answer:?}");
    assert_eq!(asked.lock().unwrap().len(), 0, "a write of two lengths has gone out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_before_a_trap_is_told() {
    let _alone = support::platform::alone().await;
    let slow = Slow::new(Duration::ZERO);
    let platform = platform(&slow, &slow, limits());
    let answer = misbehave(&platform, "trap-after-write").await;
    let Failure::Run(run::Failure::Stopped { writes, .. }) = failed(&answer) else {
        panic!("{answer:?}")
    };
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    assert!(write.starts_with("POST https://graph.microsoft.com/v1.0/users returned "), "{write}");
    assert_eq!(failed(&answer).report().to_json()["retrySafe"], false);
    assert_eq!(slow.asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_of_another_tenant_is_none() {
    let _alone = support::platform::alone().await;
    let slow = Slow::new(Duration::ZERO);
    let platform = platform(&slow, &slow, limits());
    let mut theirs = call(MALLORY, "ask");
    theirs.input["connectionId"] = json!("quiet");
    let answer = platform.run(theirs).await;
    let error = failed(&answer).report().to_json();
    assert_eq!(error["kind"], "invalid-input", "{error}");
    assert_eq!(error["problems"][0]["pointer"], "/connectionId", "{error}");
    assert!(!error.to_string().contains("quiet"), "{error}");
    assert_eq!(slow.asked(), 0);
    // Which it is to whom it belongs.
    let mut own = call(CONTOSO, "ask");
    own.input["connectionId"] = json!("quiet");
    assert_eq!(done(&platform.run(own).await), true);
}
