//! How much OData control information an answer has, as the client asks for it.

use serde_json::{Value, json};

use crate::graph::Graph;
use crate::users::zed;

const NONE: &str = "application/json;odata.metadata=none";

fn names(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn without_metadata_only_links_and_counts_are_left() {
    let graph = Graph::new();
    let path = "/users?$top=1&$count=true";
    for accept in [
        NONE,
        "text/html;q=0.5, Application/JSON; OData.Metadata=None; charset=utf-8",
        "application/json;odata.metadata=\"none\";q=1",
    ] {
        let headers = [("accept", accept), ("consistencylevel", "eventual")];
        let page = graph.send("GET", path, &headers, "");
        assert_eq!(names(&page.body), ["@odata.count", "@odata.nextLink", "value"], "{accept}");
        let kind = page.header("content-type").unwrap();
        assert!(kind.starts_with("application/json;odata.metadata=none;"), "{accept}: {kind}");
    }
    let created = graph.send("POST", "/users", &[("accept", NONE)], &zed().to_string());
    assert!(names(&created.body).iter().all(|name| !name.starts_with('@')), "{}", created.body);
}

#[test]
fn other_clients_have_minimal_metadata() {
    let graph = Graph::new();
    for accept in [
        "application/json",
        "*/*",
        "application/json;odata.metadata=minimal",
        "application/json;odata.metadata=full",
        "text/plain;odata.metadata=none, application/json",
    ] {
        let page = graph.send("GET", "/users?$top=1", &[("accept", accept)], "");
        assert!(names(&page.body).contains(&"@odata.context"), "{accept}: {}", page.body);
        let kind = page.header("content-type").unwrap();
        assert!(kind.contains("odata.metadata=minimal"), "{accept}: {kind}");
    }
}

#[test]
fn each_request_of_a_batch_asks_for_itself() {
    let graph = Graph::new();
    let requests = json!([
        {"id": "1", "method": "GET", "url": "/organization", "headers": {"Accept": NONE}},
        {"id": "2", "method": "GET", "url": "/organization"},
    ]);
    let body = json!({ "requests": requests }).to_string();
    for accept in ["application/json", NONE] {
        let reply = graph.send("POST", "/$batch", &[("accept", accept)], &body);
        let bodies: Vec<_> = (0..2).map(|n| names(&reply.body["responses"][n]["body"])).collect();
        assert_eq!(bodies, [vec!["value"], vec!["@odata.context", "value"]], "{accept}");
    }
}
