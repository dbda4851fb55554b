//! Operations of OpenAPI 2.0.

use serde_json::{Map, Value, json};

use super::schema::Schemas;
use crate::serve::openapi::model::{Operation, Parameter, Visibility};
use crate::serve::openapi::names::pascal_case;
use crate::serve::openapi::responses::lines;
use crate::serve::openapi::shared::{
    CONNECTION, CONNECTION_TEXT, CONTINUATION_TEXT, IDEMPOTENCY_KEY_TEXT, KEY_PATTERN, LIMIT_TEXT,
    PREFER_TEXT, RUN_TEXT,
};
use crate::serve::runs::{LARGEST_LIMIT, LIMIT};

/// The name of the body, which designers put before those of its properties.
pub const BODY: &str = "body";

/// The extension that says how a designer shows something.
pub const VISIBILITY: &str = "x-ms-visibility";

/// Writes an operation.
pub fn written(operation: &Operation, schemas: &Schemas<'_>) -> Value {
    let mut members = Map::from_iter([
        ("operationId".to_owned(), pascal_case(&operation.id).into()),
        ("summary".to_owned(), operation.title.clone().into()),
        ("description".to_owned(), operation.sentences().into()),
        ("parameters".to_owned(), parameters(operation)),
        ("responses".to_owned(), responses(operation, schemas).into()),
    ]);
    if !operation.tag.is_empty() {
        members.insert("tags".to_owned(), json!([operation.tag]));
    }
    if let Some(shown) = shown(operation.visibility) {
        members.insert(VISIBILITY.to_owned(), shown.into());
    }
    Value::Object(members)
}

fn shown(visibility: Visibility) -> Option<&'static str> {
    match visibility {
        Visibility::Advanced => Some("advanced"),
        Visibility::Internal => Some("internal"),
        Visibility::Normal | Visibility::Absent => None,
    }
}

fn parameters(operation: &Operation) -> Value {
    let body = operation.body.as_ref().map(|name| {
        let schema = json!({ "$ref": format!("{}{name}", super::THERE) });
        json!({ "name": BODY, "in": "body", "required": true, "schema": schema })
    });
    operation.parameters.iter().filter_map(parameter).chain(body).collect()
}

fn parameter(parameter: &Parameter) -> Option<Value> {
    match parameter {
        Parameter::Connection(connections) => Some(connection(connections)),
        Parameter::IdempotencyKey => Some(json!({
            "name": "Idempotency-Key", "in": "header", "type": "string", "required": false,
            "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN,
            "description": IDEMPOTENCY_KEY_TEXT,
            "x-ms-summary": "Idempotency Key", VISIBILITY: "advanced",
        })),
        Parameter::Prefer => Some(json!({
            "name": "Prefer", "in": "header", "type": "string", "required": false,
            "description": PREFER_TEXT, "x-ms-summary": "Prefer", VISIBILITY: "advanced",
        })),
        Parameter::Run => Some(json!({
            "name": "run", "in": "path", "type": "string", "format": "uuid", "required": true,
            "description": RUN_TEXT, "x-ms-summary": "Run", "x-ms-url-encoding": "single",
        })),
        Parameter::Limit => Some(json!({
            "name": "limit", "in": "query", "type": "integer", "format": "int32",
            "required": false, "minimum": 1, "maximum": LARGEST_LIMIT, "default": LIMIT,
            "description": LIMIT_TEXT, "x-ms-summary": "Limit", VISIBILITY: "advanced",
        })),
        Parameter::Continuation => Some(json!({
            "name": "continuation", "in": "query", "type": "string", "format": "uuid",
            "required": false, "description": CONTINUATION_TEXT, "x-ms-summary": "Continuation",
            VISIBILITY: "advanced",
        })),
        // It is of the other versions.
        Parameter::Version => None,
    }
}

fn connection(connections: &[String]) -> Value {
    let mut connection = json!({
        "name": CONNECTION, "in": "query", "type": "string", "required": connections.len() != 1,
        "description": CONNECTION_TEXT, "x-ms-summary": "Connection",
    });
    if let (false, Some(members)) = (connections.is_empty(), connection.as_object_mut()) {
        members.insert("enum".to_owned(), json!(connections));
    }
    connection
}

/// Returns the responses: one schema, and errors in words.
fn responses(operation: &Operation, schemas: &Schemas<'_>) -> Map<String, Value> {
    let mut done = json!({ "description": operation.done.description });
    if let (Some((_, schema)), Some(done)) = (operation.done.content.first(), done.as_object_mut())
    {
        done.insert("schema".to_owned(), schemas.written(schema));
    }
    let failure = |kinds| json!({ "description": lines(kinds).join(" ") });
    let failures = operation.failures.iter();
    let failures = failures.map(|(status, kinds)| (status.to_string(), failure(kinds)));
    // Without a schema: the designer uses one, which is that of the result.
    let accepted =
        operation.accepted.map(|text| ("202".to_owned(), json!({ "description": text })));
    Map::from_iter([("200".to_owned(), done)].into_iter().chain(accepted).chain(failures))
}
