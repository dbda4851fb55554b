//! Faults whose answers look like Graph's and are not, or are Graph's and look otherwise:
//! what is on the wire, whether the call was carried out, and whether a recording will do.

use serde_json::{Value, json};

use crate::replays::faulty_graph::{Answer, Tenant, UPN, USER};
use support::{Ended, Fixture, o365};

/// The calls that the actions make, and the status of each one's success.
const CALLS: &[(&str, &str, u16)] = &[
    ("GET", "/subscribedSkus", 200),
    ("GET", "/users?$top=999", 200),
    ("GET", "/organization", 200),
    ("GET", "/me?$select=id", 200),
    ("GET", "/users/allen@contoso.onmicrosoft.com", 200),
    ("POST", "/users", 201),
    ("POST", "/users/allen@contoso.onmicrosoft.com/assignLicense", 201),
    ("POST", "/users/allen@contoso.onmicrosoft.com/sendMail", 202),
    ("POST", "/me/sendMail", 202),
    ("DELETE", "/users/allen@contoso.onmicrosoft.com", 204),
];

/// The answer to one call under one fault, how often Graph saw the call, and what is said
/// when the fault did not happen.
fn met(fault: &str, method: &str, path: &str) -> (Answer, usize, Vec<String>) {
    let tenant = Tenant::with(&format!("{fault}@1"));
    let answer = tenant.call(method, path, "{}").unwrap();
    (answer, tenant.carried_out(), tenant.faults.missed())
}

fn is_page(answer: &Answer, title: &str) -> bool {
    let body = answer.body.as_ref().unwrap();
    answer.header("content-type") == Some("text/html")
        && body.starts_with("<!DOCTYPE html>")
        && body.contains(&format!("<title>{title}</title>"))
}

#[test]
fn a_portal_answers_in_graphs_place() {
    for (method, path, _) in CALLS {
        let (answer, carried_out, missed) = met("html-200", method, path);
        assert_eq!((answer.status, carried_out), (200, 0), "{method} {path}");
        assert!(is_page(&answer, "Sign in to this network"), "{answer:?}");
        assert_eq!(answer.header("request-id"), None, "{method} {path}: Graph did not answer");
        assert_eq!(missed, [""; 0]);
    }
}

#[test]
fn a_proxy_replaces_the_answer_to_a_write_that_was_carried_out() {
    for (method, path, success) in CALLS {
        let (answer, carried_out, missed) = met("html-200-after", method, path);
        assert_eq!(carried_out, 1, "{method} {path}");
        if *method == "GET" {
            assert_eq!((answer.status, missed.len()), (*success, 1), "{path}: {missed:?}");
        } else {
            assert_eq!((answer.status, missed.len()), (200, 0), "{path}: {missed:?}");
            assert!(is_page(&answer, "Sign in to this network"), "{answer:?}");
        }
    }
}

#[test]
fn a_proxy_or_a_firewall_has_pages_of_its_own() {
    let pages = [
        ("proxy-page", 403, "Access denied by the web filter", None),
        ("proxy-page=401", 401, "Sign in to the web gateway", Some("www-authenticate")),
        ("proxy-page=403", 403, "Access denied by the web filter", None),
        ("proxy-page=404", 404, "This page cannot be found", None),
        ("proxy-page=407", 407, "Proxy authentication required", Some("proxy-authenticate")),
        ("proxy-page=511", 511, "Network authentication required", None),
    ];
    for (fault, status, title, challenge) in pages {
        for (method, path, _) in CALLS {
            let (answer, carried_out, _) = met(fault, method, path);
            assert_eq!((answer.status, carried_out), (status, 0), "{fault} {method} {path}");
            assert!(is_page(&answer, title), "{fault}: {answer:?}");
            for name in ["www-authenticate", "proxy-authenticate"] {
                let is_there = answer.header(name).is_some();
                assert_eq!(is_there, challenge == Some(name), "{fault}: {answer:?}");
            }
        }
    }
}

#[test]
fn an_error_comes_with_the_status_of_success() {
    for (method, path, _) in CALLS {
        let (answer, carried_out, _) = met("error-200", method, path);
        assert_eq!((answer.status, carried_out), (200, 0), "{method} {path}");
        let body = answer.json();
        assert_eq!(body["error"]["code"], "generalException", "{method} {path}");
        assert_eq!(body["error"]["message"], "An unspecified error has occurred.");
        assert_eq!(body["error"]["innerError"]["request-id"], answer.header("request-id").unwrap());
        let is_listing = ["/subscribedSkus", "/users?$top=999", "/organization"].contains(path);
        let value = (is_listing && *method == "GET").then(|| json!([]));
        assert_eq!(body.get("value"), value.as_ref(), "{method} {path}");
    }
}

#[test]
fn a_success_without_a_body_is_never_the_one_that_graph_documents() {
    let statuses = [("", 200), ("=200", 200), ("=201", 201), ("=202", 202), ("=204", 204)];
    for (name, reaches) in [("empty-2xx", false), ("empty-2xx-after", true)] {
        for (number, status) in statuses {
            let fault = format!("{name}{number}");
            for (method, path, success) in CALLS {
                let place = format!("{fault} {method} {path}");
                let (answer, carried_out, missed) = met(&fault, method, path);
                let is_true = *success == status && [202, 204].contains(success);
                let is_read = reaches && *method == "GET";
                if is_true || is_read {
                    assert_eq!((answer.status, carried_out), (*success, 1), "{place}");
                    let reason = "whose success looks otherwise, and ";
                    assert!(missed[0].contains(reason), "{place}: {missed:?}");
                } else {
                    assert_eq!((answer.status, carried_out), (status, usize::from(reaches)));
                    assert_eq!((answer.body, missed), (Ok(String::new()), vec![]), "{place}");
                }
            }
        }
    }
}

#[test]
fn graphs_own_answer_has_a_mark_or_ends_in_its_middle() {
    for (method, path, success) in CALLS {
        let has_body = ![202, 204].contains(success);
        let user = json!({"id": USER, "userPrincipalName": UPN}).to_string();
        let (marked, cut) = (format!("\u{feff}{user}"), &user[..user.len() / 2]);
        for (fault, body) in [("bom", marked.as_str()), ("cut-json", cut)] {
            let place = format!("{fault} {method} {path}");
            let (answer, carried_out, missed) = met(fault, method, path);
            assert_eq!((answer.status, carried_out), (*success, 1), "{place}");
            let body = if has_body { body } else { "" };
            assert_eq!(answer.body.as_deref(), Ok(body), "{place}");
            let length = body.len().to_string();
            assert_eq!(answer.header("content-length"), Some(length.as_str()), "{place}");
            assert!(serde_json::from_str::<Value>(body).is_err(), "{place}");
            assert_eq!(missed.is_empty(), has_body, "{place}: {missed:?}");
        }
    }
}

#[test]
fn a_fault_of_every_call_has_happened_when_some_call_met_it() {
    let tenant = Tenant::with("bom@every 1");
    for method in ["GET", "DELETE"] {
        tenant.call(method, &format!("/users/{USER}"), "").unwrap();
    }
    assert_eq!(tenant.faults.missed(), [""; 0]);
}

/// Replays a fixture with a fault at a call.
fn faulty(fixture: &Fixture, fault: &str, call: usize) -> Ended {
    let script = format!("{fault}@{call}");
    let path = fixture.path.to_str().unwrap();
    o365(["run", &fixture.action, "--replay", path, "--faults", &script, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run()
}

#[test]
fn what_keeps_a_call_from_graph_works_on_a_recording() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let pages = [401, 403, 404, 407, 511].map(|status| format!("proxy-page={status}"));
    let others = ["html-200", "error-200", "empty-2xx", "empty-2xx=204"].map(str::to_owned);
    for fault in others.iter().chain(&pages) {
        let ended = faulty(&fixture, fault, 1);
        assert!(!ended.stderr.contains("did not happen"), "{fault}: {}", ended.stderr);
        // Where the call is repeated it meets the recorded answer.
        if ended.code == 0 {
            assert_eq!(ended.result(), fixture.run["result"], "{fault}");
        } else {
            let kind = if fault == "error-200" { "graph" } else { "transport" };
            assert_eq!(ended.error()["kind"], kind, "{fault}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_mark_before_the_json_of_a_recording_changes_nothing() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    for call in 1..=fixture.entries.len() {
        let ended = faulty(&fixture, "bom", call);
        assert_eq!(ended.result(), fixture.run["result"], "bom@{call}");
        assert_eq!(ended.stderr, "", "bom@{call}");
    }
}
