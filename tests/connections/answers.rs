//! A sign-in host that is busy, out of reach, slow, or answers nonsense.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use runner::context::Clock;
use runner::egress::faults::body::slow;
use serde_json::{Value, json};

use crate::tenant::{SECRET, Seen, Settings, Tenant, json_of};
use support::Ended;

const RUN: [&str; 4] =
    ["run", "is-license-available", "--json", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

/// A tenant whose token endpoint answers so.
fn saying(answer: impl Fn() -> Response + Send + Sync + 'static) -> Tenant {
    let instead = move |seen: &Seen| seen.is_sign_in().then(&answer);
    Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Settings::default() })
}

/// A run's error, and how long it took.
fn error_of(tenant: &Tenant, more: &[&str], lines: &str) -> (Value, Duration) {
    let started = Instant::now();
    let ended = tenant.o365(&[&RUN, more].concat(), lines).run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    (ended.error(), started.elapsed())
}

#[test]
fn what_keeps_a_run_from_signing_in_has_its_kind() {
    let tenant = Tenant::start(Settings::default());
    for lines in ["client-secret = { env = \"NOWHERE\" }", "client-secret = { file = \"nowhere\" }"]
    {
        assert_eq!(error_of(&tenant, &[], lines).0["kind"], "configuration", "{lines}");
    }
    let by_code = "authentication-code = { env = \"CONTOSO_SECRET\" }\nredirect-url = \"https://contoso.com/\"";
    let broken = tenant.o365(&RUN, by_code).env("O365_STATE_DIR", "/dev/null/state").run();
    assert_eq!((broken.code, &broken.error()["kind"]), (4, &json!("environment")));
    assert_eq!(error_of(&tenant, &[], "").0["kind"], "unauthorized", "nobody has signed in");
    assert!(tenant.seen().is_empty(), "nothing was sent");
    // A port that nobody listens at.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = format!("login-url = \"http://{}\"", tenant.address());
    let call = tenant.o365(&RUN, SECRET);
    let file = tenant.directory().join("o365.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(&own, &format!("login-url = \"http://{free}\""))).unwrap();
    let refused = call.run();
    assert_eq!((refused.code, &refused.error()["kind"]), (4, &json!("transport")));
    let page = saying(|| (StatusCode::NOT_FOUND, "<html>").into_response());
    assert_eq!(error_of(&page, &[], SECRET).0["kind"], "transport", "a proxy's page");
}

fn busy(retry_after: &'static str) -> Tenant {
    saying(move || {
        let mut response = json_of(429, &json!({ "error": { "code": "TooManyRequests" } }));
        response.headers_mut().insert("retry-after", retry_after.parse().unwrap());
        response
    })
}

#[test]
fn a_sign_in_host_that_asks_for_a_long_wait_is_told_with_the_time_to_come_back() {
    for retry_after in ["100000", "99999.5", "Fri, 01 Jan 2100 00:00:00 GMT", "4"] {
        let tenant = busy(retry_after);
        let (error, took) = error_of(&tenant, &["--time-limit", "3"], SECRET);
        assert_eq!(error["kind"], "throttled", "{error}");
        assert_eq!(error["who"], "wait");
        let seconds = error["retryAfterSeconds"].as_u64().unwrap();
        let fix = error["fix"].as_str().unwrap();
        assert!(fix.starts_with(&format!("Run again in {seconds} s, at 2")), "{fix}");
        match retry_after {
            "4" => assert_eq!(seconds, 4),
            "100000" | "99999.5" => assert_eq!(seconds, 100_000),
            _ => assert!(fix.ends_with("at 2100-01-01T00:00:00Z."), "{fix}"),
        }
        assert_eq!(tenant.seen().len(), 1);
        assert!(took < Duration::from_secs(3), "nobody waits for it: {took:?}");
    }
}

#[test]
fn a_short_wait_is_waited_for_to_the_fraction() {
    let tenant = busy("0.3");
    let (error, took) = error_of(&tenant, &[], SECRET);
    assert_eq!(error["kind"], "throttled");
    assert_eq!(tenant.seen().len(), 3);
    assert!(took > Duration::from_millis(600) && took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn a_sign_in_host_that_drips_is_given_up() {
    let tenant = saying(|| {
        let body = slow(Bytes::from(vec![b' '; 100]), Duration::from_secs(100), &Clock::real());
        Response::new(Body::new(body))
    });
    let (error, took) = error_of(&tenant, &[], SECRET);
    assert_eq!(error["kind"], "transport");
    assert!(error["message"].as_str().unwrap().contains("to the end in time"), "{error}");
    assert!(took < Duration::from_secs(45), "{took:?}");
}

/// A sign-in by a code on another device, with these changes to what is said of the code.
fn device_login(changes: Value) -> (Ended, Duration) {
    device_login_with(changes, || json_of(400, &json!({ "error": "authorization_pending" })))
}

/// The same, with this answer to who asks for the token.
fn device_login_with(changes: Value, token: fn() -> Response) -> (Ended, Duration) {
    let instead = move |seen: &Seen| {
        if seen.is_sign_in() {
            return Some(token());
        }
        let mut code = json!({
            "device_code": "d3vice", "user_code": "ABCD1234", "expires_in": 900, "interval": 1,
            "verification_uri": "https://login.contoso.com/device",
        });
        code.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        Some(json_of(200, &code))
    };
    let tenant =
        Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Settings::default() });
    let started = Instant::now();
    let ended = tenant.o365(&["connection", "login", "contoso", "--device-code"], "").run();
    (ended, started.elapsed())
}

#[test]
fn a_device_code_is_waited_for_until_it_ends_and_not_longer() {
    for interval in [json!(99_999), json!(u64::MAX), json!(0)] {
        let (ended, took) = device_login(json!({ "interval": interval, "expires_in": 2 }));
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert!(ended.stderr.contains("nobody typed the code in time"), "{}", ended.stderr);
        assert!(took > Duration::from_secs(2) && took < Duration::from_secs(6), "{took:?}");
    }
}

#[test]
fn an_answer_that_is_no_token_ends_the_wait_for_a_device() {
    let (ended, took) = device_login_with(json!({}), || json_of(200, &json!({ "a": 1 })));
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("has no access_token"), "{}", ended.stderr);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn nobody_is_sent_to_a_page_without_tls() {
    for page in ["http://login.contoso.com/device", "javascript:alert(1)", "file:///etc/passwd"] {
        let (ended, _) = device_login(json!({ "verification_uri": page }));
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert!(!ended.stderr.contains("ABCD1234"), "{}", ended.stderr);
        assert!(ended.stderr.contains("is not https"), "{}", ended.stderr);
    }
}

#[test]
fn a_lifetime_is_taken_as_a_text_and_however_long() {
    for lifetime in [json!("3599"), json!(3599.0), json!(u64::MAX), json!(1e300), json!(null)] {
        let (token, told) = (Arc::<std::sync::Mutex<String>>::default(), lifetime.clone());
        let given = Arc::clone(&token);
        let tenant = saying(move || {
            let token = given.lock().unwrap().clone();
            json_of(
                200,
                &json!({ "token_type": "bearer", "expires_in": told, "access_token": token }),
            )
        });
        token.lock().unwrap().push_str(tenant.token());
        let ended = tenant.o365(&["connection", "verify", "contoso"], SECRET).run();
        assert_eq!(ended.result()["usable"], true, "{lifetime}: {}", ended.stderr);
    }
    for expires_in in [json!("2"), json!(2.5)] {
        let (ended, _) = device_login(json!({ "expires_in": expires_in, "interval": "1" }));
        assert!(ended.stderr.contains("nobody typed the code in time"), "{}", ended.stderr);
    }
}
