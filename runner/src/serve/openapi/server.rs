//! The operations of the server itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Done, Method, Operation, Parameter, Visibility};
use super::names::sentence_case;
use super::responses::{self, Failing};
use super::schemas;
use crate::report::kind::{Kind, Reach};

/// The tag of the operations about actions in general.
pub const DESCRIPTIONS: &str = "Descriptions";

/// The tag of the operations of the server.
pub const SERVER: &str = "Server";

/// The id of the list of actions.
pub const LIST_ACTIONS: &str = "list-actions";

/// Returns the list of actions.
pub fn list() -> Operation {
    let actions = json!({ "type": "array", "items": schemas::reference(schemas::ACTION) });
    let done = Done::json("The actions that the caller may use.", actions);
    Operation {
        tag: DESCRIPTIONS.to_owned(),
        visibility: Visibility::Internal,
        ..keyed(LIST_ACTIONS, "/v1/actions", "Lists the actions", done)
    }
}

/// Returns the other operations of the server.
pub fn others() -> Vec<Operation> {
    let object = || json!({ "type": "object" });
    let document = |text: &str| Done::json(text, object());
    let text = || json!({ "type": "string" });
    let metrics = vec![("application/openmetrics-text", text()), ("text/plain", text())];
    let alive = Done::json("The server is running.", health("ok"));
    let ready = Done::json("The server accepts runs.", health("ready"));
    let not_ready = responses::of_kinds(&[Kind::Environment, Kind::Stopping]);
    vec![
        this_document(document("The document.")),
        keyed(
            "get-swagger",
            "/swagger.json",
            "The actions as OpenAPI 2.0, for connectors",
            document("The document."),
        ),
        keyed(
            "get-api-properties",
            "/apiProperties.json",
            "The properties of a connector, beside its document",
            document("The properties."),
        ),
        explorer(),
        open(
            "is-alive",
            "/healthz",
            "Reports whether the server is running",
            alive,
            BTreeMap::new(),
        ),
        open("is-ready", "/readyz", "Reports whether the server accepts runs", ready, not_ready),
        keyed(
            "get-metrics",
            "/metrics",
            "Metrics for Prometheus",
            Done::content("The metrics.", metrics),
        ),
    ]
}

/// Returns the operation of the document itself.
fn this_document(done: Done) -> Operation {
    let mut failures = responses::of(Reach::Keyed);
    failures.extend(responses::of_kinds(&[Kind::InvalidInput]));
    Operation {
        parameters: vec![Parameter::Version],
        failures,
        ..keyed("get-document", "/openapi.json", "This document", done)
    }
}

/// Returns the explorer, whose page is the same with and without a key.
fn explorer() -> Operation {
    let page = |text| Done::content(text, vec![("text/html", json!({ "type": "string" }))]);
    Operation {
        without_key: Some(page("The page, which asks for the key.")),
        ..keyed("get-explorer", "/docs", "This document as a page", page("The page."))
    }
}

/// Returns an operation that requires a key.
pub(super) fn keyed(id: &str, path: &str, summary: &str, done: Done) -> Operation {
    Operation {
        method: Method::Get,
        path: path.to_owned(),
        id: id.to_owned(),
        tag: SERVER.to_owned(),
        title: sentence_case(id),
        summary: summary.to_owned(),
        description: None,
        parameters: Vec::new(),
        body: None,
        done,
        accepted: None,
        failures: responses::of(Reach::Keyed),
        keyed: true,
        without_key: None,
        visibility: Visibility::Absent,
    }
}

/// Returns an operation that requires no key.
fn open(
    id: &str,
    path: &str,
    summary: &str,
    done: Done,
    failures: BTreeMap<u16, Vec<Failing>>,
) -> Operation {
    Operation { failures, keyed: false, ..keyed(id, path, summary, done) }
}

fn health(status: &str) -> Value {
    json!({
        "type": "object", "properties": { "status": { "type": "string", "const": status } },
        "required": ["status"],
    })
}
