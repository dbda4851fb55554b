//! A plan as people and programs are told it.

use serde::Serialize;
use serde_json::Value;

use super::{Declined, Plan, Planned};
use crate::recording::redaction::{Redaction, Writer};
use crate::recording::secrets;

/// What is said with every plan.
const UNCHANGED: &str = "Nothing was changed: the reads went to the tenant, the writes did not. \
    Ids of what does not exist yet are made up.";

/// What an action would do, and what would come of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanReport {
    /// The action.
    pub action: String,
    /// What it would write, in order.
    pub writes: Vec<Write>,
    /// What it would try to write and Graph would refuse, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// What no read could tell, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_checked: Vec<String>,
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

/// A write that would have no effect.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// What so is not done, and why, in words.
    pub reason: String,
    /// How Graph would answer.
    pub graph: Answer,
}

/// A response of Graph's.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Graph's code.
    pub code: &'static str,
    /// Graph's message.
    pub message: String,
}

impl PlanReport {
    /// The report of a plan for `action`, in which `redaction` knows the secrets.
    pub fn new(
        action: impl Into<String>,
        plan: &Plan,
        redaction: &Redaction,
        result: Option<Value>,
        error: Option<Value>,
    ) -> Self {
        let clean = Cleaner(redaction);
        Self {
            action: action.into(),
            writes: plan.writes().into_iter().map(|write| clean.write(write)).collect(),
            refused: plan.refused().into_iter().map(|declined| clean.declined(declined)).collect(),
            not_checked: plan.not_checked().into_iter().map(|text| clean.text(text)).collect(),
            result,
            error,
            note: UNCHANGED,
        }
    }
}

/// Puts a reference in the place of every secret, so that all can be shown.
struct Cleaner<'a>(&'a Redaction);

impl Cleaner<'_> {
    fn write(&self, write: Planned) -> Write {
        let mut body = write.body;
        self.0.clean_value(&mut body, Writer::Guest);
        secrets::promote(&mut body);
        Write {
            method: write.method.to_string(),
            url: self.text(write.url.to_string()),
            body,
            changes: self.text(write.changes),
        }
    }

    fn declined(&self, declined: Declined) -> Refused {
        Refused {
            method: declined.method.to_string(),
            url: self.text(declined.url.to_string()),
            reason: self.text(declined.reason),
            graph: Answer {
                status: declined.status.as_u16(),
                code: declined.code,
                message: self.text(declined.message),
            },
        }
    }

    fn text(&self, text: String) -> String {
        let mut value = Value::from(text);
        self.0.clean_value(&mut value, Writer::Guest);
        match value {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}
