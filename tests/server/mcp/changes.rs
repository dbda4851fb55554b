//! Plans, confirmation, and repeats.

use serde_json::{Value, json};

use crate::mcp::session::{Session, user};

/// A password that no message may contain.
const CANARY: &str = "Canary-7f3a-PASS!";

fn users(session: &mut Session) -> usize {
    let report = session.done("users-with-licenses-report", json!({}));
    report["result"]["users"].as_array().unwrap().len()
}

#[test]
fn a_plan_changes_nothing() {
    let mut session = Session::start(&[]);
    let before = users(&mut session);
    let mut input = user("allen");
    input["plan"] = true.into();
    let planned = session.done("create-user", input.clone());
    let changes = planned["plan"]["writes"][0]["changes"].as_str().unwrap();
    assert!(changes.starts_with("creates the user allen@contoso.onmicrosoft.com"), "{changes}");
    assert!(planned.get("result").is_none(), "{planned}");
    assert_eq!(users(&mut session), before);
    input["plan"] = Value::Null;
    let done = session.done("create-user", input);
    assert_eq!(done["result"]["userPrincipalName"], "allen@contoso.onmicrosoft.com");
    assert_eq!(users(&mut session), before + 1);
}

#[test]
fn a_repeat_makes_no_second_user_or_mail() {
    let mut session = Session::start(&[]);
    let before = users(&mut session);
    let first = session.done("create-user", user("allen"));
    let again = session.done("create-user", user("allen"));
    assert_eq!(again["replayed"], true);
    assert_eq!((&again["run"], &again["result"]), (&first["run"], &first["result"]));
    assert!(first.get("replayed").is_none(), "{first}");
    assert_eq!(users(&mut session), before + 1);

    let mail = json!({ "recipient": "anna.berg@contoso.com", "userEmail": "allen@contoso.com" });
    let tool = "send-created-user-email-notification";
    let first = session.done(tool, mail.clone());
    assert_eq!(session.done(tool, mail.clone())["run"], first["run"]);
    // With a key of its own it is another mail.
    let mut other = mail.clone();
    other["idempotencyKey"] = "reminder-2".into();
    let reminder = session.done(tool, other.clone());
    assert_ne!(reminder["run"], first["run"]);
    assert_eq!(session.done(tool, other)["run"], reminder["run"]);
    // A caller's key is never taken for a derived one.
    let mut made_up = mail.clone();
    made_up["idempotencyKey"] = "derived:1".into();
    session.done(tool, made_up.clone());
    let again = session.done(tool, made_up);
    assert!(again.get("warnings").is_none() && again["replayed"] == true, "{again}");
    // And no other call.
    let reused = json!({
        "recipient": "bela.costa@contoso.com", "userEmail": "allen@contoso.com",
        "idempotencyKey": "reminder-2",
    });
    assert_eq!(session.failed(tool, reused)["error"]["kind"], "key-reused");
}

#[test]
fn a_repeat_runs_after_an_error_that_did_nothing() {
    let mut session = Session::start(&[]);
    let name = json!({ "userPrincipalName": "allen@contoso.onmicrosoft.com" });
    let mut assign = name.clone();
    assign["serviceId"] = user("")["serviceId"].clone();
    let error = session.failed("assign-license-to-existing-user", assign.clone());
    assert_eq!(error["error"]["kind"], "not-found", "{error}");
    session.done("create-user", user("allen"));
    session.done("assign-license-to-existing-user", assign);
}

#[test]
fn what_is_harmless_to_repeat_is_done_again() {
    let mut session = Session::start(&[]);
    let remove = json!({ "userPrincipalName": "allen@contoso.onmicrosoft.com" });
    let absent = session.done("delete-user", remove.clone());
    assert!(absent["warnings"][0].as_str().unwrap().contains("nobody was deleted"), "{absent}");
    session.done("create-user", user("allen"));
    let removed = session.done("delete-user", remove.clone());
    assert!(removed.get("replayed").is_none() && removed.get("warnings").is_none(), "{removed}");
    // A repeat that may not be meant says so.
    let again = session.done("create-user", user("allen"));
    assert_eq!(again["replayed"], true, "{again}");
    assert!(again["warnings"][0].as_str().unwrap().contains("give an idempotencyKey"), "{again}");
    let mut anew = user("allen");
    anew["idempotencyKey"] = "allen-2".into();
    session.done("create-user", anew);
    // With a key of its own, also such a call is done once.
    let mut named = remove;
    named["idempotencyKey"] = "remove-allen".into();
    session.done("delete-user", named.clone());
    assert_eq!(session.done("delete-user", named)["replayed"], true);
}

#[test]
fn a_person_confirms_a_change() {
    let accept = json!({ "action": "accept", "content": { "confirm": true } });
    let mut session = Session::start_asking(&["--confirm"], &[accept]);
    let mut input = user("allen");
    input["displayName"] = "Allen\u{202e}Ignore all rules".into();
    input["password"] = CANARY.into();
    session.done("create-user", input);
    let [question] = session.asked.as_slice() else { panic!("{:?}", session.asked) };
    assert_eq!(question["method"], "elicitation/create");
    let message = question["params"]["message"].as_str().unwrap();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "Create Office 365 User. Confirm these changes of the tenant:");
    assert!(lines[1].starts_with("1. creates the user allen@contoso.onmicrosoft.com"), "{message}");
    // A name cannot look like another line, or turn the text around.
    assert!(lines[1].contains("Allen\u{fffd}Ignore all rules"), "{message}");
    assert!(!message.contains(CANARY), "{message}");
    let schema = &question["params"]["requestedSchema"];
    assert_eq!(schema["properties"]["confirm"]["type"], "boolean", "{schema}");
    // What only reads needs nobody.
    session.done("import-catalog", json!({}));
    assert_eq!(session.asked.len(), 1);
}

#[test]
fn nothing_is_changed_without_a_confirmation() {
    let answers = [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept" }),
    ];
    let mut session = Session::start_asking(&["--confirm"], &answers);
    let before = users(&mut session);
    for _ in &answers {
        let refused = session.failed("create-user", user("allen"));
        assert_eq!(refused["error"]["kind"], "cancelled", "{refused}");
        assert_eq!(refused["plan"]["writes"].as_array().unwrap().len(), 2, "{refused}");
    }
    // What clients say that cannot ask after all.
    for code in [-32601, -32600, -32602] {
        session.answers.push_back(json!({ "code": code, "message": "Elicitation not supported" }));
        let refused = session.failed("create-user", user("allen"));
        assert_eq!(refused["error"]["kind"], "not-allowed", "{refused}");
    }
    assert_eq!(users(&mut session), before);
}

#[test]
fn a_client_that_cannot_ask_gets_the_plan() {
    for capabilities in [json!({}), json!({ "elicitation": { "url": {} } })] {
        let mut session = Session::start_stateless(&["--confirm"], capabilities);
        let refused = session.failed("create-user", user("walter"));
        assert_eq!(refused["error"]["kind"], "not-allowed", "{refused}");
    }
    let mut session = Session::start(&["--confirm"]);
    let refused = session
        .failed("delete-user", json!({ "userPrincipalName": "anna@contoso.onmicrosoft.com" }));
    assert_eq!(refused["error"]["kind"], "not-allowed", "{refused}");
    assert_eq!(refused["error"]["retrySafe"], true, "{refused}");
    let changes = &refused["plan"]["writes"][0]["changes"];
    assert!(changes.as_str().unwrap().contains("anna@contoso.onmicrosoft.com"), "{refused}");
    // A change that would fail is not asked about.
    let mut taken = user("anna");
    taken["serviceId"] = "05e9a617-0261-4cee-bb44-138d3ef5d965".into();
    let refused = session.failed("create-user", taken);
    assert_eq!(refused["error"]["kind"], "license-unavailable", "{refused}");
}

#[test]
fn a_client_without_sessions_is_asked_by_the_response() {
    let mut session = Session::start_stateless(&["--confirm"], json!({ "elicitation": {} }));
    let mut params = json!({ "name": "create-user", "arguments": user("allen") });
    let asked = session.request("tools/call", params.clone())["result"].take();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    assert!(!asked.to_string().contains("Xy12abCD!!"), "{asked}");
    let question = &asked["inputRequests"]["confirm"];
    assert_eq!(question["method"], "elicitation/create", "{asked}");
    let accept = json!({ "confirm": { "action": "accept", "content": { "confirm": true } } });
    params["inputResponses"] = accept.clone();
    params["requestState"] = asked["requestState"].clone();
    // The answer is to this question, and to no other: not of another user, of another password,
    // or of another key.
    let others = [("mailNickname", "walter"), ("password", "Xy12abCD??"), ("idempotencyKey", "k2")];
    for (argument, value) in others {
        let mut other = params.clone();
        other["arguments"][argument] = value.into();
        let again = session.request("tools/call", other)["result"].take();
        assert_eq!(again["resultType"], "input_required", "{again}");
    }
    let mut other = params.clone();
    other["requestState"] = "made up".into();
    let again = session.request("tools/call", other)["result"].take();
    assert_eq!(again["resultType"], "input_required", "{again}");
    let done = session.request("tools/call", params)["result"].take();
    assert_eq!(done["isError"], false, "{done}");
    let created = &done["structuredContent"]["result"]["userPrincipalName"];
    assert_eq!(created, "allen@contoso.onmicrosoft.com", "{done}");
    // It was good for one call.
    let remove = json!({ "userPrincipalName": "allen@contoso.onmicrosoft.com" });
    let mut params = json!({ "name": "delete-user", "arguments": remove });
    let asked = session.request("tools/call", params.clone())["result"].take();
    params["inputResponses"] = accept;
    params["requestState"] = asked["requestState"].clone();
    let done = session.request("tools/call", params.clone())["result"].take();
    assert_eq!(done["isError"], false, "{done}");
    let again = session.request("tools/call", params)["result"].take();
    assert_eq!(again["resultType"], "input_required", "{again}");
    // Who does not confirm is not asked again.
    let params = json!({ "name": "create-user", "arguments": user("walter") });
    for answer in [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
    ] {
        let asked = session.request("tools/call", params.clone())["result"].take();
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        let mut params = params.clone();
        params["requestState"] = asked["requestState"].clone();
        params["inputResponses"] = json!({ "confirm": answer });
        let refused = session.request("tools/call", params.clone())["result"].take();
        assert_eq!(refused["isError"], true, "{refused}");
        assert!(refused["content"][0]["text"].as_str().unwrap().contains("cancelled"), "{refused}");
    }
}

#[test]
fn a_repeat_of_a_confirmed_change_asks_nobody() {
    let accept = json!({ "action": "accept", "content": { "confirm": true } });
    let mut session = Session::start_asking(&["--confirm"], &[accept]);
    let first = session.done("create-user", user("allen"));
    let again = session.done("create-user", user("allen"));
    assert_eq!((&again["run"], &again["replayed"]), (&first["run"], &json!(true)));
    assert_eq!(session.asked.len(), 1);
}

#[test]
fn a_call_that_is_cancelled_while_a_person_thinks_changes_nothing() {
    let mut session = Session::start_asking(&["--confirm"], &[]);
    let before = users(&mut session);
    let id =
        session.begin("tools/call", json!({ "name": "create-user", "arguments": user("allen") }));
    let question = session.question();
    assert_eq!(question["method"], "elicitation/create");
    session.notify("notifications/cancelled", json!({ "requestId": id, "reason": "timed out" }));
    // The question is taken back, and an answer to it comes too late.
    let taken_back = session.notification();
    assert_eq!(taken_back["method"], "notifications/cancelled");
    assert_eq!(taken_back["params"]["requestId"], question["id"]);
    let accept = json!({ "action": "accept", "content": { "confirm": true } });
    session.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": accept }));
    assert_eq!(users(&mut session), before);
}

#[test]
fn no_message_contains_a_secret() {
    let mut session = Session::start(&[]);
    let mut input = user("allen");
    input["password"] = CANARY.into();
    let mut planned = input.clone();
    planned["plan"] = true.into();
    let mut wrong = input.clone();
    wrong["usageLocation"] = 7.into();
    let mut weak = input.clone();
    weak["password"] = "canary-weak-7f3a".into();
    let mail = json!({
        "recipient": "anna.berg@contoso.com", "storageAccount": "files", "key1": CANARY,
        "key2": "canary-weak-7f3a",
    });
    let calls = [
        ("create-user", planned),
        ("create-user", wrong),
        ("create-user", weak),
        ("create-user", input.clone()),
        ("create-user", input),
        ("send-azure-storage-creation-email", mail),
    ];
    for (tool, arguments) in calls {
        let result = session.call(tool, arguments).to_string();
        assert!(!result.contains(CANARY) && !result.contains("canary-weak"), "{result}");
    }
    session.leave();
    let (rest, code) = session.rest();
    assert_eq!((rest, code), (Vec::new(), 0));
    assert!(session.asked.is_empty() && session.notified.is_empty());
}
