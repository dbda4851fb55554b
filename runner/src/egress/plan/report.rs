//! The report of a plan.

use serde::Serialize;
use serde_json::Value;

use super::Plan;
use crate::recording::redaction::{Redaction, Writer};

/// The note in every report.
const UNCHANGED: &str = "Nothing was changed: the reads went to the tenant, the writes did not. \
    Ids of what does not exist yet are made up.";

/// The effects of an action, and its outcome.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanReport {
    /// The action.
    pub action: String,
    /// The writes, in order.
    pub writes: Vec<PlannedWrite>,
    /// The writes that Graph would refuse, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedWrite>,
    /// A sentence for each condition that no read shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_checked: Vec<String>,
    /// The result of the action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// The error of the action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// States that nothing was changed.
    pub note: &'static str,
}

/// A write that would take effect.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedWrite {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The body: `null` without one, text where it is not JSON.
    pub body: Value,
    /// A description of its effect.
    pub changes: String,
}

/// A write without effect.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedWrite {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// What is not done, and why.
    pub reason: String,
    /// Graph's response.
    pub graph: GraphError,
}

/// An error response of Graph.
#[derive(Clone, Debug, Serialize)]
pub struct GraphError {
    /// The status.
    pub status: u16,
    /// Graph's code.
    pub code: &'static str,
    /// Graph's message.
    pub message: String,
}

impl PlanReport {
    /// Creates the report of a plan, with references in place of the secrets of `redaction`.
    pub fn new(
        action: impl Into<String>,
        plan: &Plan,
        redaction: &Redaction,
        result: Option<Value>,
        error: Option<Value>,
    ) -> Self {
        let clean = |text: &mut String| redaction.clean_text(text, Writer::Guest);
        let mut report = Self {
            action: action.into(),
            writes: plan.writes(),
            refused: plan.refused(),
            not_checked: plan.not_checked(),
            result,
            error,
            note: UNCHANGED,
        };
        for write in &mut report.writes {
            redaction.apply_to_json(&mut write.body);
            [&mut write.url, &mut write.changes].into_iter().for_each(clean);
        }
        for write in &mut report.refused {
            let texts = [&mut write.url, &mut write.reason, &mut write.graph.message];
            texts.into_iter().for_each(clean);
        }
        report.not_checked.iter_mut().for_each(clean);
        report
    }
}
