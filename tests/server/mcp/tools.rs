//! What is listed, and that results are what the schemas say.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::mcp::session::{SKU, Session, user};

/// The form of a private key, without one.
const KEY: &str =
    "-----BEGIN RSA PRIVATE KEY-----\nZm9yIHRlc3RzIG9ubHk=\n-----END RSA PRIVATE KEY-----";

/// The input of a call of each action that succeeds on the built-in directory.
pub fn inputs() -> BTreeMap<&'static str, Value> {
    let mail = |more: Value| {
        let mut input = json!({ "recipient": "allen@contoso.com" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let storage = || mail(json!({ "storageAccount": "files", "key1": "k-one", "key2": "k-two" }));
    let anna = "anna@contoso.onmicrosoft.com";
    BTreeMap::from([
        ("create-user", user("allen")),
        (
            "assign-license-to-existing-user",
            json!({ "serviceId": SKU, "userPrincipalName": "mona@contoso.onmicrosoft.com" }),
        ),
        ("delete-user", json!({ "userPrincipalName": anna })),
        ("is-license-available", json!({ "serviceId": SKU })),
        ("get-available-license-count", json!({ "serviceId": SKU })),
        ("users-with-licenses-report", json!({})),
        ("users-without-licenses-report", json!({})),
        ("users-with-licenses-page", json!({})),
        ("users-without-licenses-page", json!({ "pageSize": 2 })),
        ("send-created-user-email-notification", mail(json!({ "userEmail": "allen@contoso.com" }))),
        ("send-azure-storage-creation-email", storage()),
        ("send-keys-for-azure-storage-email", storage()),
        ("send-regenerated-keys-for-azure-storage-email", storage()),
        (
            "send-aws-instance-creation-email",
            mail(json!({ "login": "admin", "privateKey": KEY, "connectionDetails": "ssh" })),
        ),
        (
            "send-virtual-machine-creation-email",
            mail(json!({ "ip": "192.0.2.1", "login": "admin", "password": "Xy12abCD!!" })),
        ),
        (
            "send-status-virtual-machine-email",
            mail(json!({ "ip": "192.0.2.1", "status": "running" })),
        ),
        ("import-catalog", json!({})),
        ("country-codes", json!({})),
        ("verify-connection", json!({})),
    ])
}

fn listed(session: &mut Session) -> Vec<Value> {
    let answer = session.request("tools/list", json!({}));
    assert!(answer["result"].get("nextCursor").is_none(), "some clients read one page");
    answer["result"]["tools"].as_array().unwrap().clone()
}

fn names(session: &mut Session) -> Vec<String> {
    listed(session).iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

/// Walks a schema: each of its objects.
fn walk(schema: &Value, see: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match schema {
        Value::Object(members) => {
            see(members);
            members.values().for_each(|it| walk(it, see));
        }
        Value::Array(items) => items.iter().for_each(|it| walk(it, see)),
        _ => {}
    }
}

#[test]
fn every_action_is_a_tool_that_all_clients_read() {
    let mut session = Session::start(&[]);
    let tools = listed(&mut session);
    let actions = support::o365(["actions", "--json"]).run().result();
    let actions: Vec<&str> =
        actions.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names(&mut session), actions);
    for tool in &tools {
        let name = tool["name"].as_str().unwrap();
        // With the usual prefixes it is below 64.
        assert!(name.len() <= 48, "{name}");
        assert!(
            name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
        );
        assert!(!tool["title"].as_str().unwrap().is_empty());
        assert!(!tool["description"].as_str().unwrap().is_empty());
        assert!(tool["_meta"]["o365/category"].as_str().unwrap().len() > 5, "{name}");
        for schema in [&tool["inputSchema"], &tool["outputSchema"]] {
            assert_eq!(schema["type"], "object", "{name}");
            assert_eq!(schema["additionalProperties"], false, "{name}");
            for root in ["oneOf", "anyOf", "allOf", "$schema"] {
                assert!(schema.get(root).is_none(), "{name} has {root}");
            }
            walk(schema, &mut |it| assert!(!it.contains_key("$ref"), "{name}"));
        }
        // An argument that can be left out can be null: some clients require every one.
        let required = tool["inputSchema"]["required"].as_array().unwrap();
        for (argument, schema) in tool["inputSchema"]["properties"].as_object().unwrap() {
            let optional = !required.iter().any(|it| it == argument);
            let nullable = schema["type"].as_array().is_some_and(|it| it.contains(&json!("null")));
            assert_eq!(optional, nullable, "{name} {argument}");
        }
    }
}

#[test]
fn hints_are_true_of_each_action() {
    let mut session = Session::start(&[]);
    for tool in listed(&mut session) {
        let name = tool["name"].as_str().unwrap();
        let hints = &tool["annotations"];
        let reads = !["create", "assign", "delete", "send"].iter().any(|it| name.starts_with(it));
        assert_eq!(hints["readOnlyHint"], reads, "{name}");
        assert_eq!(hints["destructiveHint"], name == "delete-user", "{name}");
        let repeats = reads || name.starts_with("assign") || name.starts_with("delete");
        assert_eq!(hints["idempotentHint"], repeats, "{name}");
        assert_eq!(hints["openWorldHint"], name.starts_with("send"), "{name}");
        let arguments = &tool["inputSchema"]["properties"];
        assert_eq!(arguments.get("plan").is_none(), reads, "{name}");
        assert_eq!(arguments.get("idempotencyKey").is_none(), reads, "{name}");
    }
}

#[test]
fn results_are_what_the_schemas_say() {
    let mut session = Session::start(&[]);
    let tools = listed(&mut session);
    let mut called = 0;
    for (name, input) in inputs() {
        let tool = tools.iter().find(|it| it["name"] == name).unwrap();
        let (takes, gives) = (
            jsonschema::validator_for(&tool["inputSchema"]).unwrap(),
            jsonschema::validator_for(&tool["outputSchema"]).unwrap(),
        );
        if tool["annotations"]["readOnlyHint"] == false {
            let mut planned = input.clone();
            planned["plan"] = true.into();
            assert!(takes.is_valid(&planned), "{name}");
            let plan = session.done(name, planned);
            assert!(gives.is_valid(&plan), "{name} {:?}", gives.iter_errors(&plan).next());
            assert!(!plan["plan"]["writes"].as_array().unwrap().is_empty(), "{plan}");
        }
        assert!(takes.is_valid(&input), "{name} {:?}", takes.iter_errors(&input).next());
        let result = session.done(name, input);
        assert!(gives.is_valid(&result), "{name} {:?}", gives.iter_errors(&result).next());
        called += 1;
    }
    assert_eq!(called, tools.len());
}

#[test]
fn a_client_can_have_some_of_the_tools() {
    let mut session = Session::start(&["--actions", "delete-user,country-codes"]);
    assert_eq!(names(&mut session), ["delete-user", "country-codes"]);
    let error = &session.failed("import-catalog", json!({}))["error"];
    assert_eq!(error["kind"], "not-allowed", "{error}");

    let mut session = Session::start(&["--read-only"]);
    assert!(listed(&mut session).iter().all(|it| it["annotations"]["readOnlyHint"] == true));
    let error = &session.failed("create-user", user("allen"))["error"];
    assert_eq!(error["kind"], "not-allowed", "{error}");

    let ended = support::o365(["mcp", "--simulate", "--actions", "delete-users"]).run();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("Did you mean delete-user?"), "{}", ended.stderr);
}

#[test]
fn choices_for_arguments_are_resources() {
    let mut session = Session::start(&[]);
    let listed = session.request("resources/list", json!({}));
    let resources = listed["result"]["resources"].as_array().unwrap();
    let uris: Vec<&str> = resources.iter().map(|it| it["uri"].as_str().unwrap()).collect();
    assert_eq!(uris, ["o365://choices/countries", "o365://choices/licenses"]);
    for (uri, value, title) in [(uris[0], "AM", "Armenia"), (uris[1], SKU, "Microsoft 365 E5")] {
        let read = session.request("resources/read", json!({ "uri": uri }));
        let text = read["result"]["contents"][0]["text"].as_str().unwrap();
        let items: Vec<Value> = serde_json::from_str(text).unwrap();
        let item = items.iter().find(|it| it["value"] == value);
        assert_eq!(item.unwrap()["title"], title, "{text}");
    }
    for unknown in ["o365://choices/users", "file:///etc/passwd", "choices"] {
        let read = session.request("resources/read", json!({ "uri": unknown }));
        assert_eq!(read["error"]["code"], -32002, "{read}");
    }
}
