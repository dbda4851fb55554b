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

/// The warning of a result that the caller may not have meant to get again.
const REPLAYED: &str = "this is the result of an earlier call with the same arguments, and nothing was done now; give an idempotencyKey to make the call again";

/// What was asked for.
pub(super) struct Asked {
    pub run: Uuid,
    pub plan: bool,
    /// Whether the caller gave no idempotency key.
    pub is_derived: bool,
}

/// Returns the result of a tool from the response to a call, which ran unless another did before.
pub(super) fn of(
    response: &StoredResponse,
    asked: &Asked,
    policy: &ActionPolicy,
) -> CallToolResult {
    let is_done = response.status == StatusCode::OK;
    if is_done && response.body.len() > LARGEST {
        return of_report(&too_large(response.body.len(), policy));
    }
    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
    let ran = response.headers.get(RUN_ID).and_then(|run| run.to_str().ok());
    let replayed = ran.is_some_and(|ran| ran != asked.run.to_string());
    let is_unmeant = replayed && asked.is_derived;
    if !is_done {
        let error = body.get("error").cloned().unwrap_or(body);
        let members = [
            ("error", Some(error)),
            ("replayed", replayed.then_some(true.into())),
            ("warnings", is_unmeant.then(|| json!([REPLAYED]))),
            ("run", ran.map(Into::into)),
        ];
        return failed(&present(members));
    }
    let mut warnings: Vec<Cow<'_, str>> = response
        .headers
        .get_all(RUN_WARNING)
        .iter()
        .filter_map(|text| percent_decode_str(text.to_str().ok()?).decode_utf8().ok())
        .collect();
    warnings.extend(is_unmeant.then_some(Cow::Borrowed(REPLAYED)));
    let content = present([
        (if asked.plan { "plan" } else { "result" }, Some(body)),
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

/// Returns the error of a change that was not made, with its plan.
pub(super) fn unconfirmed(error: &Value, plan: &Value) -> CallToolResult {
    failed(&json!({ "error": error, "plan": plan }))
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
