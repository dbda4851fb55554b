//! What a model reads of a failure.

use serde_json::json;

use crate::mcp::session::{STATELESS, Session, user};

#[test]
fn an_error_says_what_to_do() {
    let mut session = Session::start(&[]);
    let missing = json!({ "serviceId": user("")["serviceId"], "userPrincipalName": "nobody@contoso.onmicrosoft.com" });
    let failed = session.failed("assign-license-to-existing-user", missing);
    let error = &failed["error"];
    assert_eq!(error["kind"], "not-found", "{failed}");
    assert_eq!(error["who"], "caller", "{failed}");
    assert_eq!(error["retrySafe"], true, "{failed}");
    assert!(!error["fix"].as_str().unwrap().is_empty(), "{failed}");
    assert_eq!(error["graph"]["status"], 404, "{failed}");
    assert!(error["graph"]["requestId"].as_str().unwrap().len() > 8, "{failed}");
    assert!(failed["run"].as_str().unwrap().len() == 36, "{failed}");
}

#[test]
fn wrong_arguments_are_told_with_their_places() {
    let mut session = Session::start(&[]);
    let failed =
        session.failed("create-user", json!({ "displayName": 7, "nickname": "x", "plan": "yes" }));
    assert_eq!(failed["error"]["kind"], "invalid-input", "{failed}");
    assert_eq!(failed["error"]["problems"][0]["pointer"], "/plan", "{failed}");
    let failed = session.failed("create-user", json!({ "displayName": 7, "nickname": "x" }));
    let problems = failed["error"]["problems"].as_array().unwrap();
    let at = |pointer: &str| problems.iter().any(|it| it["pointer"] == pointer);
    assert!(at("/displayName") && at("/nickname"), "{failed}");
    for key in [json!(""), json!("a b"), json!(7), json!("x".repeat(256))] {
        let mut input = user("allen");
        input["idempotencyKey"] = key;
        let failed = session.failed("create-user", input);
        assert_eq!(failed["error"]["problems"][0]["pointer"], "/idempotencyKey", "{failed}");
    }
    // What only reads has no plan.
    let failed = session.failed("import-catalog", json!({ "plan": true }));
    assert_eq!(failed["error"]["problems"][0]["pointer"], "/plan", "{failed}");
    session.done("import-catalog", json!({ "connectionId": null }));
    session.done("import-catalog", json!({ "connectionId": "contoso" }));
    let failed = session.failed("import-catalog", json!({ "connectionId": "fabrikam" }));
    assert_eq!(failed["error"]["problems"][0]["pointer"], "/connectionId", "{failed}");
}

#[test]
fn an_unknown_tool_is_an_error_of_the_protocol() {
    let mut session = Session::start(&[]);
    let answer = session.request("tools/call", json!({ "name": "create-users", "arguments": {} }));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("did you mean create-user?"), "{answer}");
    for (method, code) in [("tools/run", -32601), ("prompts/get", -32601)] {
        let answer = session.request(method, json!({ "name": "x" }));
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
    session.done("country-codes", json!({}));
}

#[test]
fn both_revisions_are_on_one_server() {
    let mut session = Session::start_stateless(&[], json!({}));
    let found = session.request("server/discover", json!({}));
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(STATELESS)), "{found}");
    let done =
        session.done("get-available-license-count", json!({ "serviceId": user("")["serviceId"] }));
    assert_eq!(done["result"], 21, "{done}");
}

#[test]
fn what_is_no_message_ends_nothing() {
    let mut session = Session::start(&[]);
    session.send(&json!([1, 2, 3]));
    session.send(&json!("text"));
    session.send(&json!({ "jsonrpc": "2.0", "method": "notifications/nothing" }));
    session.done("country-codes", json!({}));
    let mut silent = Session::spawn(&["--simulate"]);
    silent.leave();
    assert_eq!(silent.rest().1, 0);
}
