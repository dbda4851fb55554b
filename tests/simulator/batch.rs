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
