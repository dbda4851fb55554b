//! What a model reads of a failure.

use serde_json::{Value, json};
use support::simulate;

use crate::mcp::session::{STATELESS, Session, user};
use crate::serve::server::{Place, connected};

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
    for params in [
        json!({ "name": "country-codes", "arguments": "{}" }),
        json!({ "name": "country-codes", "arguments": [] }),
        json!({ "name": 5 }),
        json!({}),
    ] {
        let answer = session.request("tools/call", params);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("an object"), "{answer}");
    }
    session.done("country-codes", json!({}));
    let ended = support::o365(["mcp", "--simulate", "--read-only", "--actions", "delete-user"]);
    let ended = ended.run();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
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

#[test]
fn a_large_result_is_refused_with_the_way_around() {
    let graph = simulate::Server::start(&["--users", "3000"]);
    let place = Place::with(&connected("contoso", &graph));
    let mut session = Session::start_in(place, &[]);
    let params = json!({
        "name": "users-with-licenses-report", "arguments": {}, "_meta": { "progressToken": 1 },
    });
    session.request("tools/call", params);
    let last = session.notified.last().unwrap()["params"]["message"].as_str().unwrap();
    assert_eq!(last, "GET /users returned 200, page 4");
    let refused = session.failed("users-with-licenses-report", json!({}));
    assert_eq!(refused["error"]["kind"], "too-large", "{refused}");
    let fix = refused["error"]["fix"].as_str().unwrap();
    assert_eq!(fix, "Call users-with-licenses-page, which returns the same by pages.");
    // A page is small without a word about its size, to the last one.
    let (mut cursor, mut users) = (Value::Null, 0);
    for _ in 0..5 {
        let page = session.done("users-with-licenses-page", json!({ "cursor": cursor }));
        assert!(page.to_string().len() < 200_000, "{} bytes", page.to_string().len());
        users += page["result"]["users"].as_array().unwrap().len();
        cursor = page["result"]["nextCursor"].clone();
    }
    assert!((100..=500).contains(&users), "{users}");
    let refused = session.failed("users-with-licenses-page", json!({ "pageSize": 999 }));
    let fix = refused["error"]["fix"].as_str().unwrap();
    assert_eq!(fix, "Call again with a smaller pageSize, without a cursor.");
}

#[test]
fn a_client_with_two_connections_names_one() {
    let graphs = [(); 2].map(|()| simulate::Server::start(&[]));
    let text = connected("one", &graphs[0]) + &connected("two", &graphs[1]);
    let mut session = Session::start_in(Place::with(&text), &[]);
    let listed = session.request("resources/list", json!({}));
    let resources = listed["result"]["resources"].as_array().unwrap();
    let uris: Vec<&str> = resources.iter().map(|it| it["uri"].as_str().unwrap()).collect();
    let lists = ["countries", "licenses?connection=one", "licenses?connection=two"];
    assert_eq!(uris, lists.map(|list| format!("o365://choices/{list}")));
    let read = session.request("resources/read", json!({ "uri": uris[2] }));
    assert!(read["result"]["contents"][0]["text"].as_str().unwrap().contains("E5"), "{read}");
    let refused = session.failed("import-catalog", json!({}));
    let told = refused["error"]["problems"][0]["message"].as_str().unwrap();
    assert!(told.contains("it has one, two"), "{refused}");
    session.done("import-catalog", json!({ "connectionId": "one" }));

    let mut session = Session::start_in(Place::with(&text), &["--connection", "two"]);
    session.done("import-catalog", json!({}));
    session.failed("import-catalog", json!({ "connectionId": "one" }));
}
