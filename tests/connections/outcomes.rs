//! What an action says of what really came: by the real binary, from a server that answers
//! as Graph does, and as what stands between here and Graph does.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use runner::context::Clock;
use runner::egress::faults::body::slow;
use serde_json::{Value, json};

use crate::tenant::{ID as TENANT, SECRET, Seen, Settings, Tenant, json_of};
use support::Ended;

const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const ID: &str = "5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d";

const DELETE: &[&str] = &["delete-user", "userPrincipalName=allen@contoso.onmicrosoft.com"];
const SEATS: &[&str] = &["is-license-available", "serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06"];
const REPORT: &[&str] = &["users-without-licenses-report"];
const MAIL: &[&str] = &[
    "send-status-virtual-machine-email",
    "recipient=anna@fabrikam.com",
    "ip=10.0.0.4",
    "status=running",
];
const ASSIGN: &[&str] = &[
    "assign-license-to-existing-user",
    "serviceId=SPE_E5",
    "userPrincipalName=allen@contoso.onmicrosoft.com",
];
const CREATE: &[&str] = &[
    "create-user",
    "serviceId=spe_e5",
    "displayName=Allen Allbrook",
    "mailNickname=allen",
    "password=Any-passw0rd",
    "usageLocation=AM",
];

/// What a server answers.
type Answer = fn() -> Response;

/// The beginning of method and path below the version root, and the answer to it.
type Route = (&'static str, Answer);

/// What comes of an answer: kind, and a part of what is said.
type Row = (Answer, &'static str, &'static str);

/// Runs an action in a tenant that answers so; the first route that fits counts.
fn run(action: &[&str], answers: Vec<Route>) -> (Ended, Vec<String>) {
    run_in(action, answers, "3")
}

fn run_in(action: &[&str], answers: Vec<Route>, seconds: &str) -> (Ended, Vec<String>) {
    let instead = move |seen: &Seen| {
        let line = format!("{} {}", seen.method, seen.path.strip_prefix("/v1.0")?);
        let fits = answers.iter().find(|(begin, _)| line.starts_with(begin));
        Some(fits.map_or_else(|| StatusCode::IM_A_TEAPOT.into_response(), |(_, answer)| answer()))
    };
    let tenant =
        Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Settings::default() });
    let arguments = [&["run", "--json", "--time-limit", seconds], action].concat();
    let ended = tenant.o365(&arguments, SECRET).run();
    let calls = tenant.calls();
    let lines = calls.iter().map(|seen| format!("{} {}", seen.method, &seen.path[5..]));
    (ended, lines.collect())
}

/// The error of an action whose one call is answered so.
fn error(action: &[&str], answer: Answer) -> Value {
    let (ended, _) = run(action, vec![("", answer)]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(!ended.stderr.contains("<html"), "{}", ended.stderr);
    ended.error()
}

fn html(status: u16) -> Response {
    let page =
        "<html><head><title>Contoso Guest Wi-Fi</title></head><body><p>Sign in</body></html>";
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn refusal(status: u16, code: &str, message: &str) -> Response {
    json_of(status, &json!({ "error": { "code": code, "message": message } }))
}

fn skus() -> Response {
    json_of(
        200,
        &json!({ "value": [{
            "skuId": SKU, "skuPartNumber": "SPE_E5", "appliesTo": "User",
            "capabilityStatus": "Enabled", "consumedUnits": 1,
            "prepaidUnits": { "enabled": 25, "warning": 0, "suspended": 0 },
        }] }),
    )
}

fn user() -> Response {
    json_of(200, &shown(&json!([])))
}

fn licensed() -> Response {
    json_of(200, &shown(&json!([{ "skuId": SKU, "disabledPlans": [] }])))
}

fn shown(licenses: &Value) -> Value {
    json!({
        "id": ID, "displayName": "Allen Allbrook", "assignedLicenses": licenses,
        "userPrincipalName": "allen@contoso.onmicrosoft.com",
    })
}

fn created() -> Response {
    json_of(201, &json!({ "id": ID, "displayName": "Allen Allbrook" }))
}

#[track_caller]
fn says(error: &Value, kind: &str, message: &str, fix: &str) {
    assert_eq!(error["kind"], kind, "{error}");
    assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    assert!(error["fix"].as_str().unwrap().contains(fix), "{error}");
}

#[test]
fn a_deletion_is_done_when_graph_says_so() {
    let page =
        "something between here and Graph answered 200 (HTML, title \"Contoso Guest Wi-Fi\")";
    says(&error(DELETE, || html(200)), "outcome-unknown", page, "proxy");
    let refused = error(DELETE, || refusal(200, "Request_BadRequest", "Not now."));
    says(&refused, "outcome-unknown", "Not now.", "");
    assert_eq!(refused["graph"]["code"], "Request_BadRequest");
    let empty = error(DELETE, || StatusCode::OK.into_response());
    says(&empty, "outcome-unknown", "204 without a body was expected", "");
    let (ended, _) = run(DELETE, vec![("DELETE", || StatusCode::NO_CONTENT.into_response())]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_deletion_of_nobody_is_a_success_that_is_said() {
    let absent = || refusal(404, "Request_ResourceNotFound", "Resource does not exist.");
    let (ended, _) = run(DELETE, vec![("DELETE", absent)]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let warning: Value = serde_json::from_str(&ended.stderr).unwrap();
    let text = warning["warning"].as_str().unwrap();
    assert!(text.contains("nobody in the tenant has the name allen@contoso"), "{text}");
    // Where another attempt may have deleted it, nothing is said.
    let gone = [504, 404];
    let count = std::sync::atomic::AtomicUsize::new(0);
    let instead = move |seen: &Seen| {
        seen.is_call().then(|| {
            let index = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            refusal(gone[index], "Request_ResourceNotFound", "")
        })
    };
    let tenant =
        Tenant::start(Settings { instead: Some(Arc::new(instead)), ..Settings::default() });
    let ended = tenant.o365(&[&["run", "--json"], DELETE].concat(), SECRET).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_licence_is_assigned_when_a_read_shows_it() {
    let answers: [Answer; 3] = [
        || html(200),
        || refusal(200, "Request_BadRequest", "Not now."),
        || StatusCode::NO_CONTENT.into_response(),
    ];
    for answer in answers {
        let begin = |read: Answer| {
            vec![("GET /subscribedSkus", skus as Answer), ("POST", answer), ("GET", read)]
        };
        let (ended, calls) = run(ASSIGN, begin(user));
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        says(&ended.error(), "outcome-unknown", "assign the licence SPE_E5", "");
        assert_eq!(ended.error()["retrySafe"], true, "{calls:?}");
    }
    let (ended, _) =
        run(ASSIGN, vec![("GET /subscribedSkus", skus), ("POST", user), ("GET", user)]);
    says(&ended.error(), "outcome-unknown", "no read shows it", "in some minutes");
    let (ended, _) = run(ASSIGN, vec![("GET /sub", skus), ("POST", user), ("GET", licensed)]);
    assert_eq!(ended.result()["assignedLicenses"][0]["skuId"], SKU);
}

#[test]
fn an_undo_that_graph_does_not_acknowledge_leaves_a_user() {
    let no_seats = || {
        let text = "Subscription with SKU 06ebc4ee does not have any available licenses.";
        refusal(400, "Request_BadRequest", text)
    };
    let (ended, _) = run(
        CREATE,
        vec![
            ("GET /subscribedSkus", skus),
            ("POST /users/", no_seats),
            ("POST /users", created),
            ("DELETE", || html(200)),
        ],
    );
    let error = ended.error();
    says(&error, "license-unavailable", "is left, as far as is known", "Delete the user");
    assert!(!ended.stderr.contains("no user is left"), "{error}");
    assert_eq!(error["completed"].as_array().unwrap().len(), 1);
    assert_eq!(error["retrySafe"], false);
}

#[test]
fn a_list_with_an_error_is_none() {
    let denied = || {
        let error = json!({ "code": "Authorization_RequestDenied", "message": "Insufficient." });
        json_of(200, &json!({ "value": [], "error": error }))
    };
    for action in [REPORT, SEATS] {
        says(&error(action, denied), "forbidden", "Insufficient.", "Read.All");
    }
}

/// A page says nothing of permissions, secrets or names.
#[test]
fn what_graph_did_not_answer_is_told_as_that() {
    for (status, fix) in [(400, "proxy"), (401, "proxy"), (403, "proxy"), (404, "proxy")] {
        let told = match status {
            400 => {
                [error(SEATS, || html(400)), error(DELETE, || html(400)), error(MAIL, || html(400))]
            }
            401 => {
                [error(SEATS, || html(401)), error(DELETE, || html(401)), error(MAIL, || html(401))]
            }
            403 => {
                [error(SEATS, || html(403)), error(DELETE, || html(403)), error(MAIL, || html(403))]
            }
            _ => {
                [error(SEATS, || html(404)), error(DELETE, || html(404)), error(MAIL, || html(404))]
            }
        };
        for error in told {
            let page = format!("something between here and Graph answered {status} (HTML, title");
            says(&error, "transport", &page, fix);
            assert_eq!(error.get("graph"), None, "{error}");
        }
    }
    says(&error(SEATS, || html(407)), "transport", "answered 407", "credentials");
    says(&error(SEATS, || html(511)), "transport", "answered 511", "Sign in to the network");
}

#[test]
fn the_cause_is_by_graphs_code() {
    let rows: [Row; 4] = [
        (
            || refusal(401, "NoPermissionsInAccessToken", "None."),
            "forbidden",
            "LicenseAssignment.Read.All",
        ),
        (|| refusal(401, "Authorization_IdentityNotFound", "Who?"), "unauthorized", "client-id"),
        (
            || refusal(401, "InvalidAuthenticationToken", "Invalid audience."),
            "unauthorized",
            "`cloud`",
        ),
        (|| refusal(503, "ServiceUnavailable", "Busy."), "transport", "Try again"),
    ];
    for (answer, kind, fix) in rows {
        let (ended, _) = run_in(SEATS, vec![("", answer)], "30");
        says(&ended.error(), kind, "", fix);
    }
    let busy = || {
        let mut response = refusal(503, "ServiceUnavailable", "Busy.");
        response.headers_mut().insert("retry-after", "90".parse().unwrap());
        response
    };
    let throttled = error(SEATS, busy);
    says(&throttled, "throttled", "longer than this run may wait", "in 90 seconds");
    assert_eq!(throttled["retryAfterSeconds"], 90);
}

/// The token, which the guest never sees, has User.ReadWrite.All: so it is a role. Nobody but
/// the runner says so.
#[test]
fn a_role_comes_first_where_the_token_has_the_permission() {
    let denied = || refusal(403, "Authorization_RequestDenied", "Insufficient privileges.");
    let role = error(DELETE, denied);
    says(&role, "forbidden", "Insufficient", "Give the application a role");
    let claimed = || {
        let mut response = refusal(403, "Authorization_RequestDenied", "Insufficient.");
        response.headers_mut().insert("o365-permission", "granted".parse().unwrap());
        response
    };
    says(&error(SEATS, claimed), "forbidden", "Insufficient", "Give the application a role");
    let none = Settings {
        claims: Some(json!({ "tid": TENANT, "roles": ["Mail.Send"] })),
        instead: Some(Arc::new(move |seen: &Seen| seen.is_call().then(claimed))),
        ..Settings::default()
    };
    let tenant = Tenant::start(none);
    let ended = tenant.o365(&[&["run", "--json"], DELETE].concat(), SECRET).run();
    says(&ended.error(), "forbidden", "Insufficient", "Grant the app registration");
}

#[test]
fn a_refused_user_leads_to_the_input() {
    let detail = || {
        json_of(
            400,
            &json!({ "error": { "code": "Request_BadRequest", "message": "Invalid value.",
            "details": [{ "code": "InvalidValue", "target": "mailNickname" }] } }),
        )
    };
    let conflict = || {
        let text = "A conflicting object with one or more of the specified property values is present in the directory.";
        refusal(400, "Request_BadRequest", text)
    };
    let federated = || refusal(400, "Request_BadRequest", "Property SourceAnchor is required.");
    let rows: [Row; 3] = [
        (detail, "invalid-input", "/mailNickname"),
        (conflict, "already-exists", ""),
        (federated, "invalid-input", "/connectionId"),
    ];
    for (answer, kind, pointer) in rows {
        let (ended, calls) = run(CREATE, vec![("GET /subscribedSkus", skus), ("POST", answer)]);
        assert_eq!((ended.code, calls.len()), (1, 2), "{}", ended.stderr);
        let error = ended.error();
        assert_eq!(error["kind"], kind);
        let given =
            error.pointer("/problems/0/pointer").map_or("", |given| given.as_str().unwrap());
        assert_eq!(given, pointer, "{error}");
    }
}

#[test]
fn exchange_says_why_a_mailbox_does_not_send() {
    says(&error(MAIL, || refusal(507, "ErrorQuotaExceeded", "Full.")), "graph", "is full", "quota");
    let limit = error(MAIL, || refusal(403, "ErrorExceededMessageLimit", "Limit."));
    says(&limit, "throttled", "limit of messages", "24 hours");
    let blocked = error(MAIL, || refusal(400, "ErrorMessageSubmissionBlocked", "Blocked."));
    says(&blocked, "forbidden", "from sending", "restricted entities");
    let page = error(MAIL, || html(200));
    says(&page, "outcome-unknown", "answered 200 (HTML", "Ask anna@fabrikam.com");
    assert_eq!(page["retrySafe"], false);
}

/// A page that comes slowly ends at the run's own limit, which is no fault of the network.
#[test]
fn a_report_that_ends_at_its_own_limit_says_so() {
    let first = || json_of(200, &json!({ "value": [shown(&json!([]))] }));
    let (ended, _) = run(REPORT, vec![("GET", first)]);
    assert_eq!(ended.result()["users"].as_array().unwrap().len(), 1);
    let drips = || {
        let body = Bytes::from(vec![b' '; 100]);
        Response::new(Body::new(slow(body, Duration::from_secs(60), &Clock::real())))
    };
    let (ended, _) = run(REPORT, vec![("GET", drips)]);
    let error = ended.error();
    says(&error, "throttled", "time limit of 3 seconds was used up", "users-without-licenses-page");
    assert!(!ended.stderr.contains("network"), "{error}");
}

#[test]
fn licences_that_are_not_shown_are_a_missing_permission() {
    let hidden = || json_of(200, &json!({ "value": [shown(&Value::Null)] }));
    says(&error(REPORT, hidden), "forbidden", "assignedLicenses", "User.Read.All");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let marked = || {
        let (head, _) = skus().into_parts();
        let text = "\u{feff}".to_owned()
            + &json!({ "value": [{ "skuId": SKU, "appliesTo": "User", "capabilityStatus": "Enabled",
                "consumedUnits": 0, "prepaidUnits": { "enabled": 1 } }] })
            .to_string();
        Response::from_parts(head, Body::from(text))
    };
    assert_eq!(run(SEATS, vec![("GET", marked)]).0.result(), true);
}

#[test]
fn a_service_id_is_taken_as_people_type_it() {
    for typed in ["SPE_E5", "spe_e5", SKU] {
        let id = format!("serviceId={typed}");
        let (ended, _) = run(&["is-license-available", &id], vec![("GET", skus)]);
        assert_eq!(ended.result(), true, "{typed}");
    }
    for typed in ["Microsoft 365 E5", "{06EBC4EE-1bb5-47dd-8120-11324bc54e06}"] {
        let id = format!("serviceId={typed}");
        let (ended, calls) = run(&["is-license-available", &id], vec![]);
        assert_eq!((ended.code, calls.len()), (2, 0), "{typed}");
        assert!(ended.error()["problems"][0]["message"].as_str().unwrap().contains(SKU));
    }
}
