//! The operations of the server.

use serde_json::{Map, Value, json};

use super::responses::{self, content, success};
use super::{parts, schemas};
use crate::report::kind::{Kind, Reach};

/// Returns the path item of the list of actions.
pub fn list() -> Value {
    let actions = json!({ "type": "array", "items": schemas::reference(schemas::ACTION) });
    json!({ "get": keyed(
        "listActions", "Lists the actions", parts::DESCRIPTIONS,
        success("The actions that the caller may use.", &actions),
    ) })
}

/// Returns the other paths of the server.
pub fn of_the_server() -> Map<String, Value> {
    let text = json!({ "type": "string" });
    let document = success("The document.", &json!({ "type": "object" }));
    let metrics = content("The metrics.", "application/openmetrics-text", &text);
    let ready = operation(
        "isReady",
        "Reports whether the server accepts runs",
        Map::from_iter([
            ("200".to_owned(), success("The server accepts runs.", &health("ready"))),
            ("503".to_owned(), responses::reference(&of_kind(Kind::Stopping))),
        ]),
    );
    let alive = operation(
        "isAlive",
        "Reports whether the server is running",
        Map::from_iter([("200".to_owned(), success("The server is running.", &health("ok")))]),
    );
    let get = |operation: Value| json!({ "get": operation });
    Map::from_iter([
        (
            "/openapi.json".to_owned(),
            get(keyed("getDocument", "This document", parts::SERVER, document)),
        ),
        ("/docs".to_owned(), get(explorer())),
        ("/healthz".to_owned(), get(without_key(alive))),
        ("/readyz".to_owned(), get(without_key(ready))),
        (
            "/metrics".to_owned(),
            get(keyed("getMetrics", "Metrics for Prometheus", parts::SERVER, metrics)),
        ),
    ])
}

/// Returns the operation of the explorer, whose page is the same with and without a key.
fn explorer() -> Value {
    let page = |description| content(description, "text/html", &json!({ "type": "string" }));
    let mut operation =
        keyed("getExplorer", "This document as a page", parts::SERVER, page("The page."));
    if let Some(refused) = operation.pointer_mut("/responses/401") {
        *refused = page("The page, which asks for the key.");
    }
    operation
}

/// Returns an operation that requires a key.
fn keyed(id: &str, summary: &str, tag: &str, done: Value) -> Value {
    let mut responses = responses::of(Reach::Keyed);
    responses.shift_insert(0, "200".to_owned(), done);
    json!({ "operationId": id, "summary": summary, "tags": [tag], "responses": responses })
}

fn operation(id: &str, summary: &str, responses: Map<String, Value>) -> Value {
    json!({ "operationId": id, "summary": summary, "tags": [parts::SERVER], "responses": responses })
}

fn without_key(mut operation: Value) -> Value {
    if let Some(operation) = operation.as_object_mut() {
        operation.insert("security".to_owned(), json!([]));
    }
    operation
}

fn health(status: &str) -> Value {
    json!({
        "type": "object", "properties": { "status": { "const": status } }, "required": ["status"],
    })
}

fn of_kind(kind: Kind) -> Vec<responses::Failing> {
    kind.http().map(|http| (kind, http)).into_iter().collect()
}
