//! The schemas that are not in the WIT: errors, problems and plans.

use serde_json::{Map, Value, json};

use super::choices;
use super::runs;
use super::tidy::tidied;
use crate::contract::Documents;
use crate::contract::listing::Row;
use crate::report::Kind;
use crate::values::schema::{self, NoSchema};

/// An action in the list. `Action` alone is a type of C#.
pub const ACTION: &str = "ActionInfo";
/// An error. `Error` alone is a type of TypeScript and Swift.
pub const ERROR: &str = "ActionError";
/// What an input is chosen from.
pub const CHOICES: &str = "Choices";
/// A plan.
pub const PLAN: &str = "Plan";
/// Problem details.
pub const PROBLEM: &str = "Problem";

/// A run that nobody waits for.
pub const RUN: &str = "RunState";
/// A list of them.
pub const RUNS: &str = "RunList";

/// The names that types of the WIT must not have.
pub const NAMES: [&str; 7] = [ACTION, CHOICES, ERROR, PLAN, PROBLEM, RUN, RUNS];

/// Returns a reference to a schema.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Returns the schemas by name.
pub fn fixed(documents: &Documents) -> Result<Map<String, Value>, NoSchema> {
    let schemas = [
        Row::schema(),
        choices::schema(),
        error(documents)?,
        plan(),
        problem(),
        runs::state(),
        runs::list(),
    ];
    Ok(NAMES.map(ToOwned::to_owned).into_iter().zip(schemas.map(tidied)).collect())
}

/// Returns the schema of errors: that of the actions, with the additional members of the runner's
/// errors. It allows further members.
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
            // The sign-in host may state any time.
            seconds.shift_remove("maximum");
        }
        properties.insert("entra".to_owned(), entra());
    }
    Ok(error)
}

/// Returns the schema of kinds: those of the actions, the runner and the server.
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

/// Returns the schema of a refusal by the sign-in host.
fn entra() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "The response of the sign-in host, if the sign-in failed.",
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
                "description": "The status of the response.",
            },
            "detail": { "type": "string", "description": "What happened, in one sentence." },
            "error": reference(ERROR),
        },
        "required": ["type", "title", "status", "detail", "error"],
    })
}

/// Returns the schema of plans.
pub fn plan() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "description": "The changes that an action would make; nothing was changed.",
        "properties": {
            "action": text("The action."),
            "writes": {
                "type": "array",
                "description": "The changes that the action would make, in order.",
                "items": {
                    "type": "object",
                    "properties": {
                        "method": text("The method of the request to Graph."),
                        "url": text("The URL of the request."),
                        "body": {
                            "description": "The body, with references in place of secrets; null without one.",
                        },
                        "changes": text("The change in words."),
                    },
                    "required": ["method", "url", "body", "changes"],
                    "additionalProperties": false,
                },
            },
            "refused": {
                "type": "array",
                "description": "The changes that Graph would refuse, in order; omitted if there are none.",
                "items": refused(),
            },
            "notChecked": {
                "type": "array",
                "description": "The facts that no read could verify, a sentence each; omitted if there are none.",
                "items": { "type": "string" },
            },
            "result": { "description": "The result that the action would return." },
            "error": reference(ERROR),
            "note": text("A note on plans in general."),
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
            "url": text("The URL of the request."),
            "reason": text("The refused change and the reason, in words."),
            "graph": {
                "type": "object",
                "description": "The response of Graph.",
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
