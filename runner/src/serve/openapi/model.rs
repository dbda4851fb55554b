//! The operations of the server, of which each version of OpenAPI has its own form.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::choices::ChosenInput;
use super::names::pascal_case;
use super::responses::Failing;

/// The API of one caller.
#[derive(Default)]
pub struct Api {
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The schemas by name; those of inputs are not shared with results.
    pub schemas: Map<String, Value>,
    /// The inputs that are chosen from a list.
    pub chosen: Vec<ChosenInput>,
}

impl Api {
    /// Gives operations with the same id ids of their own: an action may have the name of an
    /// operation of the server, or of a plan.
    pub fn distinguish(&mut self) {
        let mut known = BTreeSet::new();
        for operation in &mut self.operations {
            let id = operation.id.clone();
            let mut number = 1;
            while !known.insert(pascal_case(&operation.id)) {
                number += 1;
                operation.id = format!("{id}-{number}");
            }
        }
    }
}

/// An operation.
pub struct Operation {
    pub method: Method,
    pub path: String,
    /// The words of its id, in kebab-case.
    pub id: String,
    pub tag: String,
    /// What a list of operations for people shows, in sentence case.
    pub title: String,
    /// One sentence, without its full stop.
    pub summary: String,
    /// All that is known, if that is more than the summary.
    pub description: Option<String>,
    pub parameters: Vec<Parameter>,
    /// The name of the schema of the body, which is required.
    pub body: Option<String>,
    pub done: Done,
    /// What the response means that comes before the result, if there is one.
    pub accepted: Option<&'static str>,
    /// The errors by status.
    pub failures: BTreeMap<u16, Vec<Failing>>,
    /// Whether it requires a key.
    pub keyed: bool,
    /// The response without a key, if that is no problem document.
    pub without_key: Option<Done>,
    pub visibility: Visibility,
}

impl Operation {
    /// Returns what is known of it as sentences, which are not the summary. Models choose an
    /// operation by them, so there is always one.
    pub fn sentences(&self) -> String {
        let text = self.description.as_deref().unwrap_or(&self.summary).trim();
        match text {
            "" => format!("Runs the action {}.", self.id),
            text if text.ends_with(['.', '!', '?']) => text.to_owned(),
            text => format!("{text}."),
        }
    }
}

/// The method of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// A parameter.
pub enum Parameter {
    /// The query parameter that names one of these connections. The only one may be omitted.
    Connection(Vec<String>),
    /// The header `Idempotency-Key`.
    IdempotencyKey,
    /// The header `Prefer`.
    Prefer,
    /// The id of a run, in the path.
    Run,
    /// The query parameter `limit` of a list.
    Limit,
    /// The query parameter `continuation` of a list.
    Continuation,
    /// The query parameter `version` of the document.
    Version,
}

/// The response to a request that succeeded.
pub struct Done {
    pub description: String,
    /// The schema of the body for each media type; empty if the body says nothing.
    pub content: Vec<(&'static str, Value)>,
    /// Whether the response has the headers of a run.
    pub is_run: bool,
}

/// How a designer, such as that of Power Automate, shows an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// With all others.
    Normal,
    /// Below those that most people need.
    Advanced,
    /// Not at all: it serves the designer itself.
    Internal,
    /// It is not in the document for designers.
    Absent,
}

impl Method {
    /// Returns the key of the operation in a path item.
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Delete => "delete",
        }
    }
}

impl Done {
    /// Returns a response in JSON.
    pub fn json(description: &str, schema: Value) -> Self {
        Self::content(description, vec![("application/json", schema)])
    }

    /// Returns a response with a schema for each media type.
    pub fn content(description: &str, content: Vec<(&'static str, Value)>) -> Self {
        Self { description: description.to_owned(), content, is_run: false }
    }
}
