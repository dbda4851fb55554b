//! Several requests in one.

use serde_json::{Value, json};

use crate::graph::Graph;
use crate::users::zed;

fn statuses(body: &Value) -> Vec<(&str, u64)> {
    let responses = body["responses"].as_array().unwrap();
    responses
        .iter()
        .map(|response| (response["id"].as_str().unwrap(), response["status"].as_u64().unwrap()))
        .collect()
}

#[test]
fn a_batch_is_answered_item_by_item() {
    let graph = Graph::new();
    let json = json!({"Content-Type": "application/json"});
    let reply = graph.post("/$batch", &json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users/anna@contoso.onmicrosoft.com"},
        {"id": "2", "method": "POST", "url": "users", "headers": json, "body": zed()},
        {"id": "3", "method": "GET", "url": "/users/zed@contoso.onmicrosoft.com", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/users/nobody@contoso.com"},
        {"id": "5", "method": "DELETE", "url": "/users/anna@contoso.onmicrosoft.com", "dependsOn": ["4"]},
        {"id": "6", "method": "GET", "url": "/users?$filter=assignedLicenses/$count eq 0&$count=true", "headers": {"ConsistencyLevel": "eventual"}},
    ]}));
    assert_eq!(reply.status, 200);
    assert_eq!(
        statuses(&reply.body),
        [("1", 200), ("2", 201), ("3", 200), ("4", 404), ("5", 424), ("6", 200)]
    );
    assert_eq!(reply.body["responses"][2]["body"]["displayName"], "Zed Zimmer");
    assert_eq!(graph.get("/users/anna@contoso.onmicrosoft.com").status, 200, "5 was not tried");
}

#[test]
fn ids_differ_in_more_than_case_and_may_be_numbers() {
    let graph = Graph::new();
    let get = |id: Value| json!({"id": id, "method": "GET", "url": "/users?$top=1"});
    let refused = graph.post("/$batch", &json!({"requests": [get("a".into()), get("A".into())]}));
    let text = "Request Id A has to be unique in a batch.";
    assert_eq!(refused.refusal(), (400, "BadRequest", text));
    let mut after = get("B".into());
    after["dependsOn"] = json!([7, "X"]);
    let requests = json!([get(7.into()), get("x".into()), after]);
    let reply = graph.post("/$batch", &json!({ "requests": requests }));
    assert_eq!(statuses(&reply.body), [("7", 200), ("x", 200), ("B", 200)]);
    let same = json!({"requests": [get(7.into()), get("7".into())]});
    let text = "Request Id 7 has to be unique in a batch.";
    assert_eq!(graph.post("/$batch", &same).refusal().2, text);
    for id in [json!(1.5), json!(true), json!(""), Value::Null] {
        let refused = graph.post("/$batch", &json!({"requests": [get(id)]}));
        assert_eq!(refused.refusal().2, "Invalid batch payload format.");
    }
}

#[test]
fn headers_of_an_answer_are_written_as_graph_writes_them() {
    let graph = Graph::new();
    let json = json!({"Content-Type": "application/json"});
    let reply = graph.post(
        "/$batch",
        &json!({"requests": [
            {"id": "1", "method": "POST", "url": "/users", "headers": json, "body": zed()},
        ]}),
    );
    let headers = reply.body["responses"][0]["headers"].as_object().unwrap();
    let names: Vec<&str> = headers.keys().map(String::as_str).collect();
    for name in ["Cache-Control", "Content-Type", "Date", "Location", "request-id"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let known = |name: &&str| name.starts_with("x-ms-") || name.ends_with("request-id");
    for name in names.iter().filter(|name| !known(name)) {
        assert!(name.starts_with(char::is_uppercase), "{name}");
    }
}

#[test]
fn a_malformed_batch_is_refused_as_a_whole() {
    let graph = Graph::new();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let many: Vec<Value> = (0..21).map(|id| get(&id.to_string())).collect();
    let table = [
        json!({}),
        json!({"requests": [get("1"), get("1")]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["9"]}]}),
        json!({"requests": [{"id": "1", "method": "POST", "url": "/$batch"}]}),
        json!({"requests": [{"id": "1", "method": "POST", "url": "/users", "body": zed()}]}),
        json!({"requests": many}),
    ];
    for batch in table {
        let refused = graph.post("/$batch", &batch);
        assert_eq!((refused.status, refused.refusal().1), (400, "BadRequest"), "{batch}");
    }
    let most: Vec<Value> = (0..20).map(|id| get(&id.to_string())).collect();
    assert_eq!(graph.post("/$batch", &json!({"requests": most})).status, 200);
}

#[test]
fn requests_may_have_absolute_urls_of_the_same_graph() {
    let graph = Graph::new();
    let of = |url: &str| {
        let requests = json!([{"id": "1", "method": "GET", "url": url}]);
        graph.post("/$batch", &json!({ "requests": requests })).body["responses"][0].clone()
    };
    for url in ["https://graph.microsoft.com/v1.0/users", "https://graph.microsoft.com/v1.0//users"]
    {
        assert_eq!(of(url)["status"], 200, "{url}");
    }
    for url in ["https://graph.microsoft.com/beta/users", "https://contoso.com/v1.0/users"] {
        assert_eq!(of(url)["status"], 400, "{url}");
    }
}
