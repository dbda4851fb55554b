//! `--faults`: each fault as Graph shows it, scripts, and what the actions make of them.

use std::fs;
use std::time::{Duration, Instant};

use runner::egress::HttpError;
use runner::egress::faults::{Fault, Number, Rule, Script};
use serde_json::{Value, json};

use crate::replays::faulty_graph::{Tenant, UPN, USER};
use support::{Ended, Fixture, o365, root};

const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

#[test]
fn answers_that_keep_a_call_from_graph_are_graphs_own() {
    let date = "Thu, 15 Jan 2026 09:30:05 GMT";
    let cases = [
        ("429", 429, "TooManyRequests", Some("10")),
        ("429=60", 429, "TooManyRequests", Some("60")),
        ("429-without-retry-after", 429, "TooManyRequests", None),
        ("429-fractional", 429, "TooManyRequests", Some("2.128")),
        ("429-date", 429, "TooManyRequests", Some(date)),
        ("token-expired", 401, "InvalidAuthenticationToken", None),
    ];
    for (fault, status, code, retry_after) in cases {
        let tenant = Tenant::with(&format!("{fault}@1"));
        let answer = tenant.call("GET", "/subscribedSkus", "").unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{fault}");
        let error = answer.json()["error"].take();
        assert_eq!(error["code"], code, "{fault}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{fault}");
        let inner = &error["innerError"];
        assert_eq!(inner["date"], "2026-01-15T09:30:00", "{fault}: Graph writes no zone");
        let id = answer.header("request-id").unwrap();
        assert_eq!(inner["request-id"], id, "{fault}");
        assert_eq!(inner["client-request-id"], answer.header("client-request-id").unwrap());
        assert_ne!(Some(id), answer.header("client-request-id"), "it is the caller's, echoed");
        assert_eq!(answer.header("date"), Some("Thu, 15 Jan 2026 09:30:00 GMT"), "{fault}");
        assert!(answer.header("content-type").unwrap().starts_with("application/json"));
        assert_eq!(tenant.carried_out(), 0, "{fault}");
    }
}

#[test]
fn a_throttled_mail_is_exchanges_and_a_throttled_directory_names_its_scope() {
    let mail = Tenant::with("429@1").call("POST", "/me/sendMail", "{}").unwrap();
    assert_eq!(mail.json()["error"]["code"], "ApplicationThrottled");
    assert_eq!(mail.header("x-ms-throttle-scope"), None);
    let users = Tenant::with("429@1").call("GET", "/users", "").unwrap();
    assert_eq!(users.json()["error"]["innerError"]["code"], "429");
    assert!(users.header("x-ms-throttle-scope").unwrap().starts_with("Tenant_Application/"));
}

#[test]
fn a_gateway_answers_without_json() {
    for (fault, status, retry_after) in
        [("503", 503, Some("5")), ("503-without-retry-after", 503, None), ("504-before", 504, None)]
    {
        let tenant = Tenant::with(&format!("{fault}@1"));
        let answer = tenant.call("POST", "/users", "{}").unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{fault}");
        assert!(answer.body.unwrap().starts_with("<html>"), "{fault}");
        assert_eq!(tenant.carried_out(), 0, "{fault}");
    }
}

#[test]
fn a_lost_answer_is_one_of_a_write_that_took_effect() {
    let tenant = Tenant::with("504-after@1; reset-after@2; reset-before@3");
    assert_eq!(tenant.call("POST", "/users", "{}").unwrap().status, 504);
    assert_eq!(tenant.carried_out(), 1);
    assert!(matches!(tenant.call("POST", "/users", "{}"), Err(HttpError::ConnectionTerminated)));
    assert_eq!(tenant.carried_out(), 2);
    assert!(matches!(tenant.call("POST", "/users", "{}"), Err(HttpError::ConnectionTerminated)));
    assert_eq!(tenant.carried_out(), 2, "this one did not arrive");
    assert!(tenant.faults.missed().is_empty());
}

#[test]
fn a_body_breaks_off_or_comes_slowly() {
    let tenant = Tenant::with("reset-mid-body@1; slow-body=60@2");
    let broken = tenant.call("GET", "/users", "").unwrap();
    assert_eq!(broken.status, 200);
    assert!(broken.body.is_err(), "{broken:?}");
    assert_eq!(tenant.carried_out(), 1);

    let begun = Instant::now();
    let slow = tenant.call("GET", "/users", "").unwrap();
    assert_eq!(slow.json()["id"], USER);
    assert_eq!(tenant.clock.now(), Duration::from_secs(60));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_new_user_is_not_known_for_some_calls() {
    let tenant = Tenant::with("replication-lag=4@POST /users");
    assert_eq!(tenant.call("POST", "/users", "{}").unwrap().status, 201);
    let upn = UPN.replace('@', "%40").to_uppercase();
    let missing = tenant.call("GET", &format!("/users/{upn}?$select=id"), "").unwrap();
    assert_eq!(
        (missing.status, &missing.json()["error"]["code"]),
        (404, &"Request_ResourceNotFound".into())
    );
    assert_eq!(tenant.call("GET", &format!("/users('{USER}')"), "").unwrap().status, 404);
    let assign = format!("/users/{USER}/assignLicense");
    let refused = tenant.call("POST", &assign, "{}").unwrap();
    assert_eq!(refused.status, 400);
    let message = "License assignment cannot be done for user with invalid usage location.";
    assert_eq!(refused.json()["error"]["message"], message);
    assert_eq!(tenant.call("GET", "/users/anna@fabrikam.com", "").unwrap().status, 200);
    assert_eq!(tenant.call("DELETE", &format!("/users/{USER}"), "").unwrap().status, 404);
    assert_eq!(tenant.call("GET", &format!("/users/{USER}"), "").unwrap().status, 200);
}

#[test]
fn the_last_seat_and_the_token_stay_lost() {
    let body = json!({"addLicenses": [{"skuId": SKU}], "removeLicenses": []}).to_string();
    let other = body.replace(SKU, "05e9a617-0261-4cee-bb44-138d3ef5d965");
    let assign = format!("/users/{USER}/assignLicense");
    let tenant = Tenant::with("last-seat-taken@POST /users/{id}/assignLicense");
    for _ in 0..2 {
        let refused = tenant.call("POST", &assign, &body).unwrap();
        let message = format!("Subscription with SKU {SKU} does not have any available licenses.");
        assert_eq!((refused.status, &refused.json()["error"]["message"]), (400, &message.into()));
    }
    assert_eq!(tenant.call("POST", &assign, &other).unwrap().status, 201, "another licence");

    let tenant = Tenant::with("token-expired@2");
    let statuses = [200, 401, 401].map(|_| tenant.call("GET", "/users", "").unwrap().status);
    assert_eq!(statuses, [200, 401, 401]);
}

#[test]
fn only_a_later_page_has_a_token_that_expires() {
    let tenant = Tenant::with("page-token-expired@1; page-token-expired@2");
    assert_eq!(tenant.call("GET", "/users?$top=999", "").unwrap().status, 200);
    let expired = tenant.call("GET", "/users?$top=999&$skiptoken=m~abc", "").unwrap();
    assert_eq!(expired.json()["error"]["code"], "Directory_ExpiredPageToken");
    assert_eq!(
        tenant.faults.missed(),
        [
            "the fault page-token-expired@1 did not happen: it applies to the second page of a listing, \
          and later ones, and GET /users is not one of these"
        ]
    );
}

#[test]
fn calls_are_counted_by_kind_and_the_seed_decides_the_rest() {
    let tenant = Tenant::with("429@GET /users/{id}#2");
    let path = format!("/users/{USER}");
    let statuses: Vec<u16> = ["/users", &path, "/users", &path, &path]
        .iter()
        .map(|path| tenant.call("GET", path, "").unwrap().status)
        .collect();
    assert_eq!(statuses, [200, 200, 200, 429, 200]);

    let met = |seed: u32| {
        let tenant = Tenant::with(&format!("seed {seed}\n503@every 4"));
        (0..400).filter(|_| tenant.call("GET", "/users", "").unwrap().status == 503).count()
    };
    let pattern = |seed: u32| {
        let tenant = Tenant::with(&format!("seed {seed}\n503@every 4"));
        (0..40).map(|_| tenant.call("GET", "/users", "").unwrap().status).collect::<Vec<_>>()
    };
    assert!((70..130).contains(&met(1)), "about one call in four, not {}", met(1));
    assert_eq!(pattern(1), pattern(1));
    assert_ne!(pattern(1), pattern(2));
}

#[test]
fn every_fault_has_a_name_of_its_own_and_can_be_written_down() {
    let listed = o365(["faults", "--json"]).run().result();
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    let expected: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names, expected);
    for fault in Fault::ALL {
        let value = match fault.number() {
            Number::None => None,
            Number::From1(number) => Some(number + 1),
            Number::OneOf(numbers) => numbers.last().copied(),
        };
        for target in ["7", "POST /users", "POST /users/{id}/assignLicense#3", "every 2"] {
            let number = value.map(|value| format!("={value}")).unwrap_or_default();
            let line = format!("{}{number}@{target}", fault.name());
            let rule: Rule = line.parse().unwrap();
            assert_eq!((rule.fault, rule.value, rule.to_string()), (*fault, value, line));
        }
    }
}

#[test]
fn the_documentation_names_every_fault() {
    let page = fs::read_to_string(root().join("docs/simulator.md")).unwrap();
    for fault in Fault::ALL {
        assert!(page.contains(&format!("`{}`", fault.name())), "{}", fault.name());
    }
}

#[test]
fn a_script_that_cannot_be_read_is_told_with_its_line() {
    let cases = [
        ("429", "line 1 of the faults, \"429\": write FAULT@TARGET"),
        (
            "seed 7\n\n# a comment\nreplicaton-lag@1",
            "line 4 of the faults, \"replicaton-lag@1\": there is no fault \"replicaton-lag\"; did you mean replication-lag? ",
        ),
        ("banana@1", "there is no fault \"banana\"; o365 faults lists them all"),
        ("503@0", "\"0\" is not a whole number from 1"),
        ("503@-1", "the target \"-1\" is invalid"),
        ("503@99999999999", "\"99999999999\" is not a whole number from 1"),
        ("503@users", "the target \"users\" is invalid"),
        ("503@POST users", "the target \"POST users\" is invalid"),
        ("503@POST /users#x", "\"x\" is not a whole number from 1"),
        ("503@every", "the target \"every\" is invalid"),
        ("504-before=5@1", "504-before takes no number"),
        ("proxy-page=500@1", "proxy-page takes 403, 401, 404, 407 or 511, and not 500"),
        ("empty-2xx=206@1", "empty-2xx takes 200, 201, 202 or 204, and not 206"),
        ("empty-2xx=no@1", "\"no\" is not a whole number from 1"),
        ("429=soon@1", "\"soon\" is not a whole number from 1"),
        ("seed x", "\"x\" is not a whole number"),
    ];
    for (script, told) in cases {
        let error = script.parse::<Script>().unwrap_err().to_string();
        assert!(error.contains(told), "{script:?}: {error}");
    }
    let endless = "429@1\n".repeat(1_001).parse::<Script>().unwrap_err().to_string();
    assert!(endless.contains("1000 faults at most"), "{endless}");
    assert_eq!(" ; \n\n".parse::<Script>().unwrap(), Script::default());
}

/// Creates a user in the simulated tenant, with faults and more options.
fn create(script: &str, options: &[&str]) -> Ended {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let run = ["run", "create-user", "--simulate", "--faults", script, "-i", "-", "--json"];
    o365(run.iter().chain(options)).stdin(serde_json::to_vec(&fixture.input()).unwrap()).run()
}

#[test]
fn a_run_that_crashes_goes_on_from_its_journal_and_so_is_its_recording() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("crashed.har");
    let file = file.to_str().unwrap();
    for fault in ["crash-before", "crash-after", "crash-noted"] {
        for call in ["1", "POST /users", "POST /users/{id}/assignLicense", "4"] {
            let script = format!("{fault}@{call}");
            let ended = create(&script, &["--record", file]);
            assert_eq!(ended.code, 0, "{script}: {}", ended.stderr);
            let result = ended.result();
            assert_eq!(result["userPrincipalName"], UPN, "{script}");
            assert_eq!(result["assignedLicenses"].as_array().unwrap().len(), 1, "{script}");
            let replayed = o365(["replay", file, "--json"]).run();
            assert_eq!(replayed.code, 0, "{script}: {} {}", replayed.stdout, replayed.stderr);
        }
    }
}

#[test]
fn a_run_that_crashes_at_every_call_ends() {
    let ended = create("crash-before@every 1", &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.result()["userPrincipalName"], UPN);
}

#[test]
fn a_mail_in_flight_at_a_crash_is_not_sent_again() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("tenant.json");
    let option = format!("--simulate={}", state.display());
    for (fault, sent) in [("crash-before", 0), ("crash-after", 1), ("crash-noted", 2)] {
        let script = format!("{fault}@POST /users/{{id}}/sendMail");
        let run = ["run", "send-status-virtual-machine-email", &option, "--faults", &script];
        let input = ["recipient=anna@fabrikam.com", "ip=10.1.2.3", "status=stopped", "--json"];
        let ended = o365(run.iter().chain(&input)).run();
        match fault {
            "crash-noted" => assert_eq!(ended.code, 0, "{}", ended.stderr),
            _ => assert_eq!(ended.error()["kind"], "outcome-unknown", "{fault}"),
        }
        let tenant: Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
        assert_eq!(tenant["tenant"]["mail"].as_array().map_or(0, Vec::len), sent, "{fault}");
    }
}

/// Replays a fixture with faults.
fn faulty(fixture: &Fixture, script: &str) -> Ended {
    let path = fixture.path.to_str().unwrap();
    o365(["run", &fixture.action, "--replay", path, "--faults", script, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run()
}

#[test]
fn a_run_gets_over_what_kept_a_call_from_graph_once() {
    let fixture = Fixture::named("create-user", "created-and-licensed");
    for fault in
        ["429", "429-without-retry-after", "429-fractional", "429-date", "503", "slow-body"]
    {
        for call in 1..=fixture.entries.len() {
            let ended = faulty(&fixture, &format!("{fault}@{call}"));
            assert_eq!(ended.result(), fixture.run["result"], "{fault}@{call}");
            assert_eq!(ended.stderr, "", "{fault}@{call}");
        }
    }
}

#[test]
fn a_run_that_is_throttled_for_hours_says_when_to_come_back_in_no_time() {
    let begun = Instant::now();
    let fixture = Fixture::named("is-license-available", "some-seats");
    let error = faulty(&fixture, "429=7200@1").error();
    assert_eq!((&error["kind"], &error["retryAfterSeconds"]), (&"throttled".into(), &7200.into()));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_script_can_be_a_file_and_what_did_not_happen_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("f@ults");
    fs::write(&file, "# the first call and one that is never made\n429@1\n503@9\n").unwrap();
    let fixture = Fixture::named("is-license-available", "some-seats");
    let ended = faulty(&fixture, file.to_str().unwrap());
    assert_eq!(ended.result(), true);
    let warnings: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        warnings.contains(&json!({"warning":
            "the fault 503@9 did not happen: none of the 2 calls of the run is its target"})),
        "{warnings:?}"
    );
}

#[test]
fn a_simulated_tenant_shows_what_was_left_behind_by_a_fault() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("tenant.json");
    let fixture = Fixture::named("create-user", "created-and-licensed");
    let option = format!("--simulate={}", state.display());
    let faults = "token-expired@POST /users/{id}/assignLicense";
    let ended = o365(["run", "create-user", &option, "--faults", faults, "-i", "-", "--json"])
        .stdin(serde_json::to_vec(&fixture.input()).unwrap())
        .run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let told: Value = serde_json::from_str(ended.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(told["error"]["kind"], "unauthorized");
    let tenant = fs::read_to_string(&state).unwrap();
    assert!(tenant.contains("allen@contoso.onmicrosoft.com"), "the user is left");
    assert!(told["error"]["message"].as_str().unwrap().contains("is left"), "{told}");
}

#[test]
fn faults_that_make_no_sense_are_refused_before_anything_is_sent() {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let ended = faulty(&fixture, "430@1");
    assert_eq!(ended.code, 2);
    assert!(ended.error()["fix"].as_str().unwrap().contains("o365 faults"));
    let ended = faulty(&fixture, "crash-before@1");
    assert_eq!(ended.code, 2);
    assert!(ended.error()["fix"].as_str().unwrap().contains("--simulate"));
    let ended = faulty(&fixture, "no-such-file");
    assert_eq!(ended.code, 4);
    assert!(ended.error()["message"].as_str().unwrap().contains("no-such-file"));
    let ended = o365(["run", "is-license-available", "--faults", "429@1", "--json"]).run();
    assert_eq!(
        (ended.code, &ended.error()["kind"]),
        (2, &"usage".into()),
        "live calls never fail on purpose"
    );
}
