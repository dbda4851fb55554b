//! Hosts that send back what they were sent: no secret comes to the screen that way.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use runner::context::Clock;
use runner::egress::faults::body::slow;
use serde_json::json;

use crate::tenant::{SECRET, Seen, Settings, Tenant, json_of};
use support::Ended;

const RUN: [&str; 3] =
    ["run", "is-license-available", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

/// A run with this secret, which the sign-in host sends back as it came, decoded, and cut off.
fn run_with(secret: &str, more: &[&str]) -> Ended {
    let instead = |seen: &Seen| {
        seen.is_sign_in().then(|| {
            let plain: Vec<String> = url::form_urlencoded::parse(seen.body.as_bytes())
                .map(|(_, value)| value.into_owned())
                .collect();
            let plain = plain.join(" ");
            let cut = &plain[..plain.len() - 3];
            let description =
                format!("AADSTS90014: sent {} or {plain} or {cut}\r\nTrace ID: t", seen.body);
            json_of(
                400,
                &json!({
                    "error": "invalid_request", "error_description": description,
                    "trace_id": plain, "correlation_id": seen.body, "timestamp": "now",
                }),
            )
        })
    };
    let tenant = Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Default::default() });
    let ended = tenant.o365(&[&RUN, more].concat(), SECRET).env("CONTOSO_SECRET", secret).run();
    assert_eq!(tenant.seen().len(), 1, "the secret was sent");
    ended
}

#[test]
fn a_sign_in_host_that_repeats_a_secret_is_not_repeated() {
    for (secret, parts) in [
        ("Xy8Q~aBcD.eFg_hij-kLMNOP", &["Xy8Q", "kLMNO"][..]),
        ("p@ss word&TAIL", &["p@ss", "p%40ss", "word", "TAIL"]),
        ("ContosoSecretAbc+/=%22", &["ContosoSecret", "+/=", "%2B%2F"]),
        ("\"quoted\\\"-~", &["quoted", "%22quoted", "%5C%22-"]),
        ("q7~", &["q7"]),
    ] {
        for more in [&[][..], &["--json"], &["--log", "trace"]] {
            let ended = run_with(secret, more);
            assert_eq!(ended.code, 4, "{}", ended.stderr);
            assert!(ended.stderr.contains("90014"), "the code stays: {}", ended.stderr);
            for part in parts {
                assert!(!ended.stderr.contains(part), "{part}: {}", ended.stderr);
            }
        }
    }
}

#[test]
fn what_a_sign_in_host_says_beside_a_secret_stays() {
    let instead = |seen: &Seen| {
        let description = "AADSTS123456: Odd.\r\nTrace ID: t";
        let body = json!({ "error": "invalid_request", "error_description": description, "trace_id": "t-1" });
        seen.is_sign_in().then(|| json_of(400, &body))
    };
    let tenant = Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Default::default() });
    let error = tenant.o365(&[&RUN[..], &["--json"]].concat(), SECRET).run().error();
    assert_eq!(error["message"], "the sign-in failed: AADSTS123456: Odd. (invalid_request)");
    assert_eq!(error["entra"]["traceId"], "t-1");
}

/// Runs on a Graph that answers each call with what `answer` makes of its authorization.
fn run_on(
    claims: Option<serde_json::Value>,
    answer: fn(&str) -> Response,
    more: &[&str],
) -> (Ended, String) {
    let instead =
        move |seen: &Seen| seen.is_call().then(|| answer(seen.authorization.as_deref().unwrap()));
    let settings = Settings { claims, instead: Some(Arc::new(instead)), ..Default::default() };
    let tenant = Tenant::start(settings);
    let ended = tenant.o365(&[&RUN, more].concat(), SECRET).run();
    (ended, tenant.token().to_owned())
}

#[test]
fn a_graph_that_repeats_the_token_is_not_repeated() {
    let answers: [fn(&str) -> Response; 5] = [
        |token| says_of(400, format!("got {token} in vain")),
        |token| says_of(400, format!("got {} in vain", &token[..token.len() - 4])),
        |token| says_of(403, format!("a=b&t={}", token.replace("Bearer ", "").replace('-', "%2D"))),
        |token| (StatusCode::BAD_REQUEST, format!("<p>{token}</p>")).into_response(),
        |token| {
            let mut response = says_of(401, "no".to_owned());
            let shown = format!("Bearer error=\"invalid_token\", shown=\"{token}\"");
            response.headers_mut().insert("www-authenticate", shown.parse().unwrap());
            response.headers_mut().insert("request-id", token.parse().unwrap());
            response
        },
    ];
    let jwt = Settings::default().claims;
    for claims in [jwt, None] {
        for (number, answer) in answers.iter().enumerate() {
            for more in [&[][..], &["--json"], &["--log", "trace"]] {
                let (ended, token) = run_on(claims.clone(), *answer, more);
                assert_eq!(ended.code, 1, "{number}: {}", ended.stderr);
                for part in [&token[..12], &token[token.len() - 8..]] {
                    let percent = part.replace('-', "%2D");
                    let shown = ended.stderr.contains(part) || ended.stderr.contains(&percent);
                    assert!(!shown, "{number}, {part}: {}", ended.stderr);
                }
            }
        }
    }
    let (ended, _) = run_on(Settings::default().claims, answers[0], &["--json"]);
    let message = ended.error()["graph"]["message"].clone();
    assert_eq!(message, "got Bearer (token removed) in vain", "what is no token stays");
}

fn says_of(status: u16, message: String) -> Response {
    json_of(status, &json!({ "error": { "code": "BadRequest", "message": message } }))
}

#[test]
fn an_answer_that_breaks_off_shows_nothing_of_the_program() {
    // In pieces, so that the first ones are sent; and fewer bytes than are announced.
    let broken = || {
        let body =
            slow(Bytes::from_static(b"{\"value\":["), Duration::from_millis(500), &Clock::real());
        Response::builder().header("content-length", 5000).body(Body::new(body)).unwrap()
    };
    let instead = move |seen: &Seen| seen.is_call().then(&broken);
    let tenant = Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Default::default() });
    let ended = tenant
        .o365(&[&RUN[..], &["--time-limit", "8"]].concat(), SECRET)
        .env("RUST_BACKTRACE", "full")
        .run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("the connection broke off"), "{}", ended.stderr);
    for part in ["acktrace", ".rs:", "wasmtime"] {
        assert!(!ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}
