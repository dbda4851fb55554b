//! The schemas that do not come from an action's types alone: errors, problems and plans.

use serde_json::{Map, Value, json};

use crate::contract::Documents;
use crate::contract::listing::{Description, Row};
use crate::report::Kind;
use crate::values::schema::{self, NoSchema};

/// An action in the list.
pub const ACTION: &str = "Action";
/// An action with its schemas.
pub const DESCRIPTION: &str = "Description";
/// An error.
pub const ERROR: &str = "Error";
/// A plan.
pub const PLAN: &str = "Plan";
/// Problem details.
pub const PROBLEM: &str = "Problem";

/// The names that no type of the WIT may have.
pub const NAMES: [&str; 5] = [ACTION, DESCRIPTION, ERROR, PLAN, PROBLEM];

/// The reference to a schema.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// All of them, by name.
pub fn fixed(documents: &Documents) -> Result<Map<String, Value>, NoSchema> {
    let schemas = [Row::schema(), Description::schema(), error(documents)?, plan(), problem()];
    Ok(NAMES.map(ToOwned::to_owned).into_iter().zip(schemas).collect())
}

/// The error of the actions, which the runner's own errors share the form of, with what only
/// those have. It may get more members, so it is open.
fn error(documents: &Documents) -> Result<Value, NoSchema> {
    let resolve = documents.resolve();
    let mut of_actions = documents
        .actions()
        .filter_map(|action| schema::error(resolve, action.function).transpose());
    let mut error = of_actions.next().unwrap_or_else(|| Ok(json!({})))?;
    let Some(members) = error.as_object_mut() else { return Ok(error) };
    members.shift_remove("$schema");
    members.shift_remove("additionalProperties");
    members.insert("type".to_owned(), "object".into());
    let properties = members.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        let kind = kind(properties.get("kind"));
        properties.insert("kind".to_owned(), kind);
        if let Some(seconds) =
            properties.get_mut("retryAfterSeconds").and_then(Value::as_object_mut)
        {
            // The sign-in host may ask for any time.
            seconds.shift_remove("maximum");
        }
        properties.insert("entra".to_owned(), entra());
    }
    Ok(error)
}

/// The kinds of the actions' errors, and those of the runner and the server.
fn kind(of_actions: Option<&Value>) -> Value {
    let mut names: Vec<Value> =
        of_actions.and_then(|kind| kind.get("enum")?.as_array().cloned()).unwrap_or_default();
    let mut text = of_actions
        .and_then(|kind| kind.get("description")?.as_str().map(ToOwned::to_owned))
        .unwrap_or_default();
    for (kind, http) in Kind::over_http() {
        let kind = kind.name();
        if !names.iter().any(|name| name == kind) {
            names.push(kind.into());
            text.push_str(&format!("\n- `{kind}`: {}.", http.title));
        }
    }
    json!({ "type": "string", "enum": names, "description": text.trim_start() })
}

/// What the sign-in host answered, as Microsoft's support asks for it.
fn entra() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "What the sign-in host answered, when the connection could not sign in.",
        "properties": {
            "error": text,
            "codes": {
                "type": "array", "items": { "type": "integer", "minimum": 0 },
                "description": "The numbers behind `AADSTS`.",
            },
            "traceId": text, "correlationId": text, "timestamp": text,
        },
        "required": ["error", "codes"],
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A failed call as problem details (RFC 9457).",
        "properties": {
            "type": {
                "type": "string", "format": "uri",
                "description": "`urn:o365:problem:` and the kind of the error.",
            },
            "title": { "type": "string", "description": "The same for every problem of its kind." },
            "status": {
                "type": "integer", "minimum": 400, "maximum": 599,
                "description": "The status of the answer.",
            },
            "detail": { "type": "string", "description": "What happened, in one sentence." },
            "error": reference(ERROR),
        },
        "required": ["type", "title", "status", "detail", "error"],
    })
}

fn plan() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "description": "What an action would change; nothing was changed.",
        "properties": {
            "action": text("The action."),
            "writes": {
                "type": "array",
                "description": "The changes that it would make, in order.",
                "items": {
                    "type": "object",
                    "properties": {
                        "method": text("The method of the request to Graph."),
                        "url": text("Its address."),
                        "body": {
                            "description": "Its body, with references in place of secrets; null without one.",
                        },
                        "changes": text("What it would change, in words."),
                    },
                    "required": ["method", "url", "body", "changes"],
                    "additionalProperties": false,
                },
            },
            "refused": {
                "type": "array",
                "description": "What it would try to change and Graph would refuse, in order; left out if there is nothing.",
                "items": refused(),
            },
            "notChecked": {
                "type": "array",
                "description": "What no read could tell, a sentence each; left out if there is nothing.",
                "items": { "type": "string" },
            },
            "result": { "description": "What the action would return." },
            "error": reference(ERROR),
            "note": text("What is true of every plan."),
        },
        "required": ["action", "writes", "note"],
        "additionalProperties": false,
    })
}

fn refused() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "properties": {
            "method": text("The method of the request to Graph."),
            "url": text("Its address."),
            "reason": text("What so is not done, and why, in words."),
            "graph": {
                "type": "object",
                "description": "How Graph would answer.",
                "properties": {
                    "status": { "type": "integer", "description": "The status." },
                    "code": text("Graph's code."),
                    "message": text("Graph's message."),
                },
                "required": ["status", "code", "message"],
                "additionalProperties": false,
            },
        },
        "required": ["method", "url", "reason", "graph"],
        "additionalProperties": false,
    })
}
