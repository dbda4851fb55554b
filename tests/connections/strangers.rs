//! Answers in the place of the sign-in host's, and those of Entra that are not written as they
//! should be: who answered is found out before what was said.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::tenant::{SECRET, Seen, Settings, Tenant, json_of};

const RUN: [&str; 4] =
    ["run", "is-license-available", "--json", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];

/// A tenant whose hosts answer so to what is asked for in vain.
fn saying(
    asked: fn(&Seen) -> bool,
    answer: impl Fn() -> Response + Send + Sync + 'static,
) -> Tenant {
    let instead = move |seen: &Seen| asked(seen).then(&answer);
    Tenant::start(Settings {
        fixture: ("is-license-available", "some-seats"),
        instead: Some(Arc::new(instead)),
        ..Settings::default()
    })
}

/// The error of a run whose sign-in is answered so, and how often it was asked.
fn error_of(status: u16, kind: &'static str, body: &str) -> (Value, usize) {
    let (status, body) = (StatusCode::from_u16(status).unwrap(), body.to_owned());
    let answer = move || (status, [("content-type", kind)], body.clone()).into_response();
    let tenant = saying(Seen::is_sign_in, answer);
    let ended = tenant.o365(&RUN, SECRET).run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(!ended.stderr.contains('<'), "{}", ended.stderr);
    assert!(tenant.calls().is_empty(), "nobody has signed in");
    (ended.error(), tenant.seen().len())
}

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>\n  Web <b>Filter</b>:\tblocked </title>\n</head><body>no</body></html>";

#[test]
fn what_entra_did_not_write_is_told_as_that() {
    let refusal = json!({ "error": "invalid_client", "error_codes": [7_000_215] }).to_string();
    let blocked = "HTML, title \\\"Web Filter: blocked\\\"";
    for (status, kind, body, words, fix) in [
        (200, "text/html", PAGE, blocked, "`login-url` of connection contoso"),
        (302, "text/html", PAGE, blocked, "the proxy and the firewall"),
        (401, "text/html", PAGE, blocked, "the proxy and the firewall"),
        (403, "text/html", PAGE, blocked, "the proxy and the firewall"),
        (404, "application/json", PAGE, blocked, "the proxy and the firewall"),
        (403, "text/html", "<html><p>no</p>", "HTML", "the proxy and the firewall"),
        (403, "text/html", "<title>open-sesame</title>", "HTML", "the proxy and the firewall"),
        (403, "text/plain", "no", "no JSON", "the proxy and the firewall"),
        (400, "text/plain", "", "with nothing in it", "the proxy and the firewall"),
        (200, "text/plain", "", "with nothing in it", "the proxy and the firewall"),
        (
            403,
            "application/json",
            r#"{"message":"no"}"#,
            "JSON without an OAuth error",
            "the proxy and the firewall",
        ),
        (
            400,
            "application/json",
            r#"{"error":{"code":"no"}}"#,
            "JSON without an OAuth error",
            "the proxy and the firewall",
        ),
        (407, "text/html", PAGE, blocked, "HTTPS_PROXY"),
        (407, "application/json", &refusal, "JSON without an OAuth error", "HTTPS_PROXY"),
        (511, "text/html", PAGE, blocked, "in a browser"),
    ] {
        let (error, asked) = error_of(status, kind, body);
        assert_eq!(error["kind"], "transport", "{error}");
        let message = format!(
            "the sign-in failed: something between here and the sign-in host answered {status} ({})",
            words.replace('\\', "")
        );
        assert_eq!(error["message"], message);
        assert!(error["fix"].as_str().unwrap().contains(fix), "{error}");
        assert_eq!(error["who"], "caller", "{error}");
        assert_eq!(error.get("entra"), None, "{error}");
        assert_eq!(asked, 1, "{status} is not asked again");
    }
}

#[test]
fn a_gateway_that_does_not_reach_the_sign_in_host_is_asked_again() {
    let (error, asked) = error_of(502, "text/html", PAGE);
    assert_eq!((&error["kind"], asked), (&json!("transport"), 3), "{error}");
    assert!(error["message"].as_str().unwrap().contains("answered 502 (HTML, title"), "{error}");
    assert_eq!(error["who"], "wait");
}

#[test]
fn what_passes_and_what_does_not_is_entras_to_say() {
    let body = |error: &str, code: u64| {
        json!({ "error": error, "error_description": format!("AADSTS{code}: No."), "error_codes": [code] })
            .to_string()
    };
    for (status, error, code, tries) in [
        (400, "server_error", 123_456, 3),
        (503, "temporarily_unavailable", 123_456, 3),
        (400, "invalid_request", 90033, 3),
        (500, "server_error", 90036, 1),
        (503, "invalid_grant", 80002, 1),
        (500, "invalid_request", 123_456, 1),
        (400, "invalid_grant", 50196, 1),
    ] {
        let (told, asked) = error_of(status, "application/json", &body(error, code));
        assert_eq!(asked, tries, "{status} {error} {code}: {told}");
        assert_eq!(told["entra"]["codes"], json!([code]));
    }
}

#[test]
fn a_token_beside_an_error_or_without_itself_is_no_sign_in() {
    let refused = json!({
        "error": "invalid_client", "error_codes": [7_000_215], "access_token": "t",
        "token_type": "Bearer", "error_description": "AADSTS7000215: Invalid client secret.",
    });
    let (error, asked) = error_of(200, "application/json", &refused.to_string());
    assert_eq!(error["kind"], "unauthorized");
    assert_eq!(
        error["message"],
        "the sign-in failed: the application's secret is wrong (AADSTS7000215)"
    );
    assert_eq!(asked, 1);
    for body in [json!({ "token_type": "Bearer" }), json!({}), json!({ "error": null })] {
        let (error, _) = error_of(200, "application/json", &body.to_string());
        assert_eq!(error["kind"], "transport");
        assert_eq!(error["message"], "the sign-in host's answer has no access_token");
    }
    let odd = json!({ "access_token": "t", "token_type": "Bearer", "error": { "code": 1 } });
    let (error, _) = error_of(200, "application/json", &odd.to_string());
    assert!(error["message"].as_str().unwrap().contains("JSON without an OAuth error"), "{error}");
}

#[test]
fn codes_are_read_in_every_form_and_never_lose_the_rest() {
    let description = "AADSTS7000215: Invalid client secret.\r\nTrace ID: t";
    for codes in [
        json!([7_000_215]),
        json!(["7000215"]),
        json!(["AADSTS7000215"]),
        json!("7000215"),
        json!(7_000_215),
        json!(null),
        json!([null, {}]),
        json!({}),
    ] {
        for mark in ["", "\u{feff}"] {
            let body = json!({
                "error": "invalid_client", "error_description": description, "error_codes": codes,
                "trace_id": 7, "correlation_id": "c-1",
            });
            let (error, _) = error_of(401, "application/json", &format!("{mark}{body}"));
            assert_eq!(error["kind"], "unauthorized", "{codes}: {error}");
            assert_eq!(error["entra"]["codes"], json!([7_000_215]), "{codes}");
            assert_eq!(error["entra"]["error"], "invalid_client");
            assert_eq!(error["entra"]["correlationId"], "c-1");
        }
    }
    let unknown = json!({
        "error": "invalid_request", "error_description": "AADSTS123456: Odd.", "error_codes": null,
        "suberror": "message_only",
    });
    let (error, _) = error_of(400, "application/json", &unknown.to_string());
    assert_eq!(error["message"], "the sign-in failed: AADSTS123456: Odd. (invalid_request)");
    assert_eq!(error["entra"]["suberror"], "message_only");
}

#[test]
fn a_mark_before_a_token_is_skipped() {
    let granted =
        "\u{feff}{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"opaque-t0ken\"}";
    let instead = move |seen: &Seen| seen.is_sign_in().then(|| granted.into_response());
    let tenant = Tenant::start(Settings {
        claims: None,
        fixture: ("is-license-available", "some-seats"),
        instead: Some(Arc::new(instead)),
        ..Settings::default()
    });
    assert_eq!(tenant.o365(&RUN, SECRET).run().result(), true);
}

#[test]
fn a_mark_before_what_is_said_of_a_device_does_not_end_the_wait() {
    let instead = |seen: &Seen| {
        let pending = json!({ "error": "authorization_pending", "error_codes": ["70016"] });
        let asked = seen.is_sign_in() && seen.body.contains("device_code=d3vice");
        asked.then(|| (StatusCode::BAD_REQUEST, format!("\u{feff}{pending}")).into_response())
    };
    let codes = |seen: &Seen| {
        let code = json!({
            "device_code": "d3vice", "user_code": "ABCD1234", "expires_in": 3, "interval": 1,
            "verification_uri": "https://login.contoso.com/device",
        });
        seen.path.ends_with("/devicecode").then(|| json_of(200, &code))
    };
    let either = move |seen: &Seen| codes(seen).or_else(|| instead(seen));
    let settings = Settings { instead: Some(Arc::new(either)), ..Settings::default() };
    let tenant = Tenant::start(settings);
    let ended = tenant.o365(&["connection", "login", "contoso", "--device-code"], "").run();
    assert_eq!(ended.code, 4);
    assert!(ended.stderr.contains("nobody typed the code in time"), "{}", ended.stderr);
    assert!(tenant.seen().len() > 2, "it asks until the end");
}

#[test]
fn who_answers_for_the_directory_is_told_too() {
    let discovery = |seen: &Seen| seen.path.ends_with("/openid-configuration");
    for (status, page, words) in [
        (200, PAGE.to_owned(), "answered 200 (HTML, title \"Web Filter: blocked\")"),
        (511, String::new(), "answered 511 (with nothing in it)"),
        (
            400,
            json!({ "error": "invalid_tenant", "error_codes": [90002] }).to_string(),
            "there is no such tenant in this cloud (AADSTS90002)",
        ),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let tenant = saying(discovery, move || (status, page.clone()).into_response());
        let ended = tenant.o365(&RUN, SECRET).run();
        assert_eq!(ended.code, 4);
        let message = ended.error()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("the id of tenant contoso.onmicrosoft.com could not be"));
        assert!(message.ends_with(words), "{message}");
    }
}

#[test]
fn a_portal_in_front_of_a_host_is_found_before_the_sign_in() {
    let root = |seen: &Seen| seen.path == "/" || seen.path == "/v1.0";
    let answer = || (StatusCode::NETWORK_AUTHENTICATION_REQUIRED, PAGE).into_response();
    let tenant = saying(root, answer);
    let ended = tenant.o365(&["connection", "verify", "contoso", "--json"], SECRET).run();
    let findings = serde_json::from_str::<Value>(&ended.stdout).unwrap();
    let finding = |check: &str| {
        let all = findings["findings"].as_array().unwrap();
        all.iter().find(|finding| finding["check"] == check).unwrap().clone()
    };
    for check in ["login-host", "graph-host"] {
        let finding = finding(check);
        assert_eq!(finding["verdict"], "failed", "{finding}");
        assert!(finding["message"].as_str().unwrap().contains("answered 511"), "{finding}");
    }
}
