//! A tenant at its limit, and the others beside it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::serve::gate::Gate;
use crate::serve::server::{Place, connected, connection, eventually, seats};
use support::simulate;

const AVAILABLE: &str = "is-license-available";

#[test]
fn over_its_limit_a_tenant_is_told_to_come_back_and_others_go_on() {
    let graph = simulate::Server::start(&[]);
    let gate = Gate::to(graph.http());
    let connections = connection("main", &gate.url(), graph.http()) + &connected("other", &graph);
    let place = Place::with(&connections);
    let (contoso, fabrikam) =
        (place.add("contoso", "main", &[]), place.add("fabrikam", "other", &[]));
    place.set("tenants.contoso", "concurrent-runs = 2\nqueue-length = 3");
    let server = place.serve(&[]);
    server.action(&contoso, AVAILABLE, &seats()).send().done();
    gate.hold();
    let held: Vec<_> = (0..5)
        .map(|_| {
            let call = server.action(&contoso, AVAILABLE, &seats());
            std::thread::spawn(move || call.send())
        })
        .collect();
    let metrics = || server.get(&contoso, "/metrics").text();
    eventually("two run and three wait", || {
        let metrics = metrics();
        metrics.contains("o365_running{tenant=\"contoso\"} 2")
            && metrics.contains("o365_waiting{tenant=\"contoso\"} 3")
    });
    // At once, and with the limit that it is.
    let began = Instant::now();
    for _ in 0..20 {
        let refused = server.action(&contoso, AVAILABLE, &seats()).send();
        let error = refused.problem(429, "busy");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
        assert_eq!((&error["who"], &error["retrySafe"]), (&json!("wait"), &json!(true)));
        assert!(error["message"].as_str().unwrap().contains("2 runs"), "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // What needs no turn is answered, to this tenant too.
    server.get(&contoso, "/v1/actions").done();
    for _ in 0..20 {
        server.action(&fabrikam, AVAILABLE, &seats()).send().done();
    }
    gate.release();
    for call in held {
        call.join().unwrap().done();
    }
    server.action(&contoso, AVAILABLE, &seats()).send().done();
    // A refused call is no run, and is counted.
    assert_eq!(place.audit(&["--failed"]).len(), 0);
    assert!(metrics().contains("outcome=\"busy\"} 20"), "{}", metrics());
}

#[test]
fn who_calls_too_often_is_told_when_to_come_back_and_others_go_on() {
    let graph = simulate::Server::start(&[]);
    let connections = connected("main", &graph) + &connected("other", &graph);
    let place = Place::with(&connections);
    let (contoso, fabrikam) =
        (place.add("contoso", "main", &[]), place.add("fabrikam", "other", &[]));
    place.set("tenants.contoso", "calls-per-minute = 6");
    let server = place.serve(&[]);
    let call = |key: &str| {
        let call = server.action(key, AVAILABLE, &seats());
        call.header("Idempotency-Key", "one").send()
    };
    let began = Instant::now();
    for _ in 0..6 {
        call(&contoso).done();
    }
    let refused = call(&contoso);
    let error = refused.problem(429, "rate-limited");
    assert_eq!((&error["who"], &error["retrySafe"]), (&json!("wait"), &json!(true)));
    assert!(error["message"].as_str().unwrap().contains("6 calls"), "{error}");
    for _ in 0..10 {
        call(&fabrikam).done();
    }
    // One more each ten seconds, and descriptions at any time.
    let seconds = refused.header("retry-after").parse::<u64>().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    server.get(&contoso, "/v1/actions").done();
    std::thread::sleep(Duration::from_secs(seconds));
    call(&contoso).done();
    assert!(began.elapsed() >= Duration::from_secs(9), "{:?}", began.elapsed());
    call(&contoso).problem(429, "rate-limited");
}
