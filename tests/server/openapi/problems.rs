//! Failed calls as problem details.

use std::time::Duration;

use axum::body::to_bytes;
use axum::response::IntoResponse;
use http::HeaderMap;
use runner::report::Report;
use runner::report::kind::{ASKED_TOO_MUCH, Kind, Reach};
use runner::serve::problem::{MEDIA_TYPE, Problem};
use runner::values::schema;
use serde_json::{Value, json};

use crate::openapi::{actions, documents, operation, schema as schema_at, whole};

/// The answer as it goes out.
#[tokio::main(flavor = "current_thread")]
async fn answer(problem: Problem) -> (u16, HeaderMap, Value) {
    let response = problem.into_response();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, serde_json::from_slice(&body).unwrap())
}

#[test]
fn the_whole_error_is_in_it() {
    let error = json!({
        "kind": "forbidden", "message": "The connection may not create users.",
        "fix": "Grant User.ReadWrite.All.", "who": "tenant-admin", "retrySafe": true,
        "completed": [], "graph": { "status": 403, "code": "Authorization_RequestDenied", "message": "" },
    });
    let (status, headers, body) = answer(Problem::new(&Report::of_action(error.clone())));
    assert_eq!(status, 403);
    assert_eq!(headers["content-type"], MEDIA_TYPE);
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(
        body,
        json!({
            "type": "urn:o365:problem:forbidden", "title": "The connection lacks a permission",
            "status": 403, "detail": "The connection may not create users.", "error": error,
        })
    );
}

/// Statuses are a promise: whoever calls the server branches on them.
#[test]
fn every_kind_has_its_status() {
    let expected = "invalid-input 400, not-found 404, already-exists 409, license-unavailable 409, \
        forbidden 403, unauthorized 502, throttled 429, outcome-unknown 504, graph 502, \
        transport 502, sandbox 500, sandbox 422, cancelled 409, environment 503, configuration 500, unauthenticated 401, \
        not-allowed 403, no-such-action 404, no-such-run 404, no-such-path 404, method-not-allowed 405, \
        unsupported-media-type 415, too-large 413, busy 429, rate-limited 429, stopping 503, unavailable 503, key-reused 422, \
        timeout 408, headers-too-large 431, internal 500";
    let table: Vec<String> = Kind::over_http()
        .map(|(kind, http)| format!("{} {}", kind.name(), http.status.as_u16()))
        .collect();
    assert_eq!(table.join(", "), expected);
}

/// Every kind that an action can end with is in the table, among those of runs.
#[test]
fn the_table_has_every_kind_of_the_contract() {
    let documents = documents();
    let action = documents.action(&actions()[0]).unwrap();
    let error = schema::error(documents.resolve(), action.function).unwrap().unwrap();
    let kinds = error["properties"]["kind"]["enum"].as_array().unwrap();
    assert!(!kinds.is_empty());
    for kind in kinds {
        let known = Kind::named(kind.as_str().unwrap()).and_then(Kind::http);
        assert_eq!(known.map(|known| known.reach), Some(Reach::Run), "{kind}");
    }
}

/// What the runner says beyond what the contract's errors have.
#[test]
fn errors_of_the_runner_are_as_the_document_says() {
    let error = schema_at(&whole(&["contoso"]), "/components/schemas/ActionError");
    let mut told = json!({
        "kind": "busy", "message": "the tenant's queue is full", "fix": "Come back later.",
        "who": "wait", "retrySafe": true, "completed": [],
        "retryAfterSeconds": u64::from(u32::MAX) + 1,
        "entra": { "error": "temporarily_unavailable", "codes": [90033] },
    });
    assert!(jsonschema::is_valid(&error, &told));
    told["kind"] = json!("busier");
    assert!(!jsonschema::is_valid(&error, &told));
}

/// Whatever the table has is an answer that the document has, but for what it cannot have.
#[test]
fn every_kind_is_an_answer_of_the_document() {
    let document = whole(&["contoso"]);
    let responses = &document.pointer(&operation("create-user")).unwrap()["responses"];
    let problem = schema_at(&document, "/components/schemas/Problem");
    for (kind, http) in Kind::over_http() {
        let mut report = Report::new(kind, "it failed", "Do it again.");
        report.details.asked_too_much = kind == Kind::Sandbox && http.status == ASKED_TOO_MUCH;
        let (status, _, body) = answer(Problem::new(&report));
        assert_eq!(status, http.status.as_u16());
        assert!(jsonschema::is_valid(&problem, &body), "{body}");
        let documented = responses
            .get(status.to_string())
            .and_then(|answer| answer["$ref"].as_str())
            .and_then(|reference| document.pointer(reference.strip_prefix('#')?))
            .is_some_and(|answer| {
                answer["description"].as_str().unwrap().contains(&format!("`{}`", kind.name()))
            });
        let is_elsewhere = [Reach::Undocumented, Reach::Runs].contains(&http.reach);
        assert_eq!(documented, !is_elsewhere, "{}", kind.name());
    }
}

#[test]
fn headers_say_what_to_do() {
    let (status, headers, body) = answer(Problem::new(
        &Report::new(Kind::Busy, "the tenant's queue is full", "Come back later.")
            .after(Duration::from_secs(7)),
    ));
    assert_eq!((status, &headers["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(body["error"]["retryAfterSeconds"], 7);
    assert_eq!(body["error"]["who"], "wait");
    let (status, headers, _) =
        answer(Problem::refusal(Kind::Unauthenticated, "there is no key", "Send the key."));
    assert_eq!(
        (status, &headers["www-authenticate"]),
        (401, &"Bearer realm=\"o365\"".parse().unwrap())
    );
    let (status, headers, _) = answer(Problem::method_not_allowed("GET, POST"));
    assert_eq!((status, &headers["allow"]), (405, &"GET, POST".parse().unwrap()));
    // Only what passes can be waited for, and only for a known time.
    let unknown = json!({ "kind": "throttled", "message": "", "fix": "" });
    assert!(!answer(Problem::new(&Report::of_action(unknown))).1.contains_key("retry-after"));
    let refused = json!({ "kind": "graph", "message": "", "fix": "", "retryAfterSeconds": 3 });
    assert!(!answer(Problem::new(&Report::of_action(refused))).1.contains_key("retry-after"));
}

/// The error of another component than the connector keeps what only that component knows.
#[test]
fn an_error_of_another_form_is_kept_whole() {
    let error = json!({
        "kind": "not-found", "message": "There is no such thing.", "fix": "Look again.",
        "who": "caller", "retrySafe": true, "completed": [], "shelf": 7,
    });
    let (status, _, body) = answer(Problem::new(&Report::of_action(error.clone())));
    assert_eq!(status, 404);
    assert_eq!(body["error"], error);
}

/// Nothing makes it fail: a strange error is a problem too.
#[test]
fn a_strange_error_is_status_500() {
    let strange = [
        Value::Null,
        json!([]),
        json!({ "kind": 1, "message": ["no text"] }),
        json!({ "kind": "graph\r\nx: y", "retryAfterSeconds": -1 }),
        json!({ "kind": "throttled\0", "retryAfterSeconds": u64::MAX }),
    ];
    for error in strange {
        let (status, _, body) = answer(Problem::new(&Report::of_action(error.clone())));
        assert_eq!((status, &body["type"]), (500, &json!("about:blank")), "{error}");
        assert_eq!(body["error"], error);
    }
}
