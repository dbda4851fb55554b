//! The list of actions, and the description of one action with its schemas.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Documented, Documents, Policy};
use crate::values::schema::{self, NoSchema};

/// An action in the list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The name, in kebab-case.
    pub name: String,
    /// The display name.
    pub title: String,
    /// The heading under which the action is listed.
    pub category: String,
    /// One sentence on what the action does, without its full stop.
    pub summary: String,
    /// The Graph calls that the action may make.
    pub calls: Vec<String>,
    /// The secret inputs.
    pub secrets: Vec<String>,
    /// Whether a repeat with the same input is harmless.
    pub idempotent: bool,
}

/// The input and the result of an action.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The name, in kebab-case.
    pub name: String,
    /// The JSON Schema of the input.
    pub input: Value,
    /// The JSON Schema of the result.
    pub output: Value,
}

/// Returns every action, in the order of the WIT files.
pub fn rows(documents: &Documents, policy: &Policy) -> Vec<Row> {
    documents.actions().map(|action| Row::of(&action, policy)).collect()
}

impl Row {
    fn of(action: &Documented<'_>, policy: &Policy) -> Self {
        let known = policy.action(action.name).cloned().unwrap_or_default();
        Self {
            name: action.name.to_owned(),
            title: known.title.clone(),
            category: known.category.clone(),
            summary: action.summary().to_owned(),
            calls: known.calls.iter().map(ToString::to_string).collect(),
            secrets: known.secrets.clone(),
            idempotent: known.idempotent,
        }
    }

    /// Returns the JSON Schema of a row.
    pub fn schema() -> Value {
        let texts = |description: &str| {
            let items = json!({ "type": "string" });
            json!({ "type": "array", "items": items, "description": description })
        };
        closed(json!({
            "name": { "type": "string", "description": "The action's name." },
            "title": { "type": "string", "description": "The display name." },
            "category": { "type": "string", "description": "The heading under which the action is listed." },
            "summary": { "type": "string", "description": "One sentence on what the action does." },
            "calls": texts("The Graph calls that the action may make."),
            "secrets": texts("The secret inputs."),
            "idempotent": {
                "type": "boolean",
                "description": "Whether a repeat with the same input is harmless.",
            },
        }))
    }
}

impl Description {
    /// Describes an action.
    ///
    /// # Errors
    /// Fails when its types have no schema.
    pub fn of(documents: &Documents, action: &Documented<'_>) -> Result<Self, NoSchema> {
        Ok(Self {
            name: action.name.to_owned(),
            input: schema::input(documents.resolve(), action.function)?,
            output: schema::output(documents.resolve(), action.function)?,
        })
    }
}

/// Returns the schema of an object with exactly these properties.
fn closed(properties: Value) -> Value {
    let names: Vec<String> =
        properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    json!({
        "type": "object", "properties": properties, "required": names,
        "additionalProperties": false,
    })
}
