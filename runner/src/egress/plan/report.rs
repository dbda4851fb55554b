//! A plan as people and programs are told it.

use serde::Serialize;
use serde_json::Value;

use super::{Plan, Planned};
use crate::recording::redaction::{Redaction, Writer};
use crate::recording::secrets;

/// What is said with every plan.
const UNCHANGED: &str = "Nothing was changed: the reads went to the tenant, the writes did not. \
    Ids of what does not exist yet are made up.";

/// What an action would do, and what would come of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The action.
    pub action: String,
    /// What it would write, in order.
    pub writes: Vec<Write>,
    /// What the action would return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What the action would fail with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// That nothing was changed.
    pub note: &'static str,
}

/// One write, with references in place of secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Write {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The body; `null` when there is none.
    pub body: Value,
    /// What it would change, in words.
    pub changes: String,
}

impl Report {
    /// The report of a plan for `action`, in which `redaction` knows the secrets.
    pub fn new(
        action: impl Into<String>,
        plan: &Plan,
        redaction: &Redaction,
        result: Option<Value>,
        error: Option<Value>,
    ) -> Self {
        let writes = plan.writes().into_iter().map(|write| masked(write, redaction)).collect();
        Self { action: action.into(), writes, result, error, note: UNCHANGED }
    }
}

/// A write as it may be shown: a reference stands for every secret.
fn masked(write: Planned, redaction: &Redaction) -> Write {
    let mut url = Value::from(write.url.to_string());
    let mut changes = Value::from(write.changes);
    let mut body = write.body;
    for value in [&mut url, &mut changes, &mut body] {
        redaction.clean_value(value, Writer::Guest);
    }
    secrets::promote(&mut body);
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Write { method: write.method.to_string(), url: text(url), body, changes: text(changes) }
}
