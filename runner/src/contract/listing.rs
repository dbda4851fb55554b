//! What a caller is told of the actions: the list of them, and one with its schemas.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Documented, Documents, Policy};
use crate::values::schema::{self, NoSchema};

/// An action in the list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its name, in kebab-case.
    pub name: String,
    /// The name that people know it by.
    pub title: String,
    /// The heading under which it is listed.
    pub category: String,
    /// What it does, in one sentence without its full stop.
    pub summary: String,
    /// The Graph calls that it may make.
    pub calls: Vec<String>,
    /// The inputs that are never written down.
    pub secrets: Vec<String>,
    /// Whether a repeat with the same input is harmless.
    pub idempotent: bool,
}

/// What an action takes and returns.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// Its name, in kebab-case.
    pub name: String,
    /// The JSON Schema of its input.
    pub input: Value,
    /// The JSON Schema of its result.
    pub output: Value,
}

/// Every action, in the order of the WIT files.
pub fn rows(documents: &Documents, policy: &Policy) -> Vec<Row> {
    documents.actions().map(|action| Row::of(&action, policy)).collect()
}

impl Row {
    fn of(action: &Documented<'_>, policy: &Policy) -> Self {
        let known = policy.action(action.name).cloned().unwrap_or_default();
        Self {
            name: action.name.to_owned(),
            title: known.title,
            category: known.category,
            summary: action.summary().to_owned(),
            calls: known.calls.iter().map(ToString::to_string).collect(),
            secrets: known.secrets,
            idempotent: known.idempotent,
        }
    }

    /// The JSON Schema of a row.
    pub fn schema() -> Value {
        let texts = json!({ "type": "array", "items": { "type": "string" } });
        closed(json!({
            "name": { "type": "string", "description": "The action's name." },
            "title": { "type": "string", "description": "The name that people know it by." },
            "category": { "type": "string", "description": "The heading under which it is listed." },
            "summary": { "type": "string", "description": "What it does." },
            "calls": described(&texts, "The Graph calls that it may make."),
            "secrets": described(&texts, "The inputs that are never written down."),
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
    /// When its types have no schema.
    pub fn of(documents: &Documents, action: &Documented<'_>) -> Result<Self, NoSchema> {
        Ok(Self {
            name: action.name.to_owned(),
            input: schema::input(documents.resolve(), action.function)?,
            output: schema::output(documents.resolve(), action.function)?,
        })
    }

    /// The JSON Schema of a description.
    pub fn schema() -> Value {
        closed(json!({
            "name": { "type": "string", "description": "The action's name." },
            "input": {
                "type": "object",
                "description": "The JSON Schema (draft 2020-12) of its input.",
            },
            "output": {
                "type": "object",
                "description": "The JSON Schema (draft 2020-12) of its result.",
            },
        }))
    }
}

fn described(schema: &Value, description: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), description.into());
    }
    schema
}

/// An object that has all of these properties and no others.
fn closed(properties: Value) -> Value {
    let names: Vec<String> =
        properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    json!({
        "type": "object", "properties": properties, "required": names,
        "additionalProperties": false,
    })
}
