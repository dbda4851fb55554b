//! The results and the errors of runs, as a client gets them.

use std::borrow::Cow;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::contract::ActionPolicy;
use crate::report::{Kind, Report};
use crate::serve::idempotency::StoredResponse;
use crate::serve::response::{RUN_ID, RUN_WARNING};

/// The largest result, in bytes. It is sent twice, as text and as JSON, and one client refuses a
/// message of more than 1 MiB.
const LARGEST: usize = 400 << 10;

/// Returns the result of a tool from the response to a call, which ran as `run` unless another did
/// before.
pub(super) fn of(
    response: &StoredResponse,
    (run, plan): (Uuid, bool),
    policy: &ActionPolicy,
) -> CallToolResult {
    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
    let ran = response.headers.get(RUN_ID).and_then(|run| run.to_str().ok());
    if response.status != StatusCode::OK {
        let error = body.get("error").cloned().unwrap_or(body);
        let members = [("error", Some(error)), ("run", ran.map(Into::into))];
        return failed(&present(members));
    }
    if response.body.len() > LARGEST {
        return of_report(&too_large(response.body.len(), policy));
    }
    let warnings: Vec<Cow<'_, str>> = response
        .headers
        .get_all(RUN_WARNING)
        .iter()
        .filter_map(|text| percent_decode_str(text.to_str().ok()?).decode_utf8().ok())
        .collect();
    let replayed = ran.is_some_and(|ran| ran != run.to_string());
    let content = present([
        (if plan { "plan" } else { "result" }, Some(body)),
        ("replayed", replayed.then_some(true.into())),
        ("warnings", (!warnings.is_empty()).then(|| json!(warnings))),
        ("run", ran.map(Into::into)),
    ]);
    CallToolResult::structured(content)
}

/// Returns the error of a call that did not run.
pub(super) fn of_report(report: &Report) -> CallToolResult {
    failed(&json!({ "error": report.to_json() }))
}

/// Returns the error that a change would end with, by its plan. Nothing was sent.
pub(super) fn would_fail(error: &Value, plan: &Value) -> CallToolResult {
    failed(&json!({ "error": error, "plan": plan }))
}

/// Returns the error of a change that nobody confirmed, with its plan.
pub(super) fn unconfirmed(report: &Report, plan: &Value) -> CallToolResult {
    failed(&json!({ "error": report.to_json(), "plan": plan }))
}

/// Returns an error. It has no structured content, which some clients check against the schema of
/// the result.
fn failed(content: &Value) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(content.to_string())])
}

fn too_large(bytes: usize, policy: &ActionPolicy) -> Report {
    let message = format!("the result has {bytes} bytes, and a tool returns at most {LARGEST}");
    let fix = match (&policy.pages, policy.small.keys().next()) {
        (Some(pages), _) => format!("Call {pages}, which returns the same by pages."),
        (None, Some(size)) => format!("Call again with a smaller {size}, without a cursor."),
        (None, None) => "Ask for less, or call the action over HTTP.".to_owned(),
    };
    Report::new(Kind::TooLarge, message, fix)
}

fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
    Value::Object(Map::from_iter(present))
}
