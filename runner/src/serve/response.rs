//! The response to a call, as it is sent and stored.

use std::collections::HashMap;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::idempotency::{StoreError, StoredResponse};
use super::problem::Problem;
use crate::platform::{CallResult, Failure, Refusal};
use crate::report::{Kind, LOOK, Report};

/// The header with the id of the run.
pub(super) const RUN_ID: HeaderName = HeaderName::from_static("run-id");

/// The header of a warning, one for each sentence; percent-encoded where it is not printable
/// ASCII.
pub(super) const RUN_WARNING: HeaderName = HeaderName::from_static("run-warning");

/// The characters to encode: those that a header value cannot contain, and the escape character.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// When to call again if the store cannot be used: a server of NATS restarts in a few seconds.
const STORE_BACK: Duration = Duration::from_secs(2);

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Returns the response to a call.
pub(super) fn stored(result: CallResult) -> StoredResponse {
    match result.outcome {
        Ok(text) => {
            let headers = of_result(result.run, &result.warnings);
            StoredResponse { status: StatusCode::OK, headers, body: text.into_string().into() }
        }
        // The tenant was removed after the check of its key.
        Err(Failure::Refused(Refusal::NoSuchTenant)) => {
            stored_problem(&Problem::unknown_key(), None)
        }
        Err(failure) => {
            let mut report = for_callers(failure.report(), result.run);
            if result.unended.goes_on() {
                let fix = "The run goes on when the server starts again. Then send the same call with the same idempotency key, if it had one, for its outcome.";
                report.reword(report.message.clone(), fix.to_owned());
            }
            stored_problem(&Problem::new(&report), Some(result.run))
        }
    }
}

/// Returns the response to a call as lines of JSON, one for each item of the list `rows` of its
/// result; an error, and a result without that list, as it is.
pub(super) fn in_lines(
    mut response: StoredResponse,
    rows: &str,
    media_type: &'static str,
) -> StoredResponse {
    if response.status == StatusCode::OK
        && let Some(items) = items(&response.body, rows)
    {
        let lines: Vec<&str> = items.iter().flat_map(|item| [item.get(), "\n"]).collect();
        response.body = lines.concat().into();
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

/// Returns the items of the list `rows` in a result.
fn items<'a>(result: &'a [u8], rows: &str) -> Option<Vec<&'a RawValue>> {
    let result: HashMap<&str, &RawValue> = serde_json::from_slice(result).ok()?;
    serde_json::from_str(result.get(rows)?.get()).ok()
}

/// Returns the headers of a result.
fn of_result(run: Uuid, warnings: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON), (RUN_ID, run_id(run))]);
    for text in warnings {
        headers.append(RUN_WARNING, warning(text));
    }
    headers
}

/// Moves the details of a failure of the server itself to its log: they are for its operator, and
/// name files, variables, proxies and addresses that callers must not see.
fn for_callers(mut report: Report, run: Uuid) -> Report {
    let Report { message, fix, .. } = &report;
    let (message, fix) = match report.kind {
        Kind::Environment | Kind::Configuration => {
            tracing::error!(%run, reason = message, fix, "the server lacks something");
            (
                "the server lacks something that the call needs, and its log says what",
                "Ask the operator of the server to check its log, and call again.",
            )
        }
        Kind::Transport => {
            tracing::warn!(%run, reason = message, fix, "a run did not reach Microsoft");
            (
                "the server did not reach Microsoft, and its log says why",
                "Call again; if it fails again, ask the operator of the server to check its log.",
            )
        }
        // A call that was refused for it has words for callers, and a time to call again.
        Kind::Unavailable if report.retry_after.is_none() => {
            tracing::warn!(%run, reason = message, fix, "the store of the server cannot be used");
            (
                "the store of the server cannot be used, and the call needs it",
                "Call again when the store can be reached.",
            )
        }
        _ => return report,
    };
    let look = if report.completed.is_empty() { "" } else { LOOK };
    let fix = format!("{look}{fix}");
    report.reword(message.to_owned(), fix);
    if report.kind == Kind::Unavailable { report.after(STORE_BACK) } else { report }
}

pub(super) fn stored_problem(problem: &Problem, run: Option<Uuid>) -> StoredResponse {
    let mut headers = problem.headers().clone();
    headers.extend(run.map(|run| (RUN_ID, run_id(run))));
    StoredResponse { status: problem.status(), headers, body: problem.body().to_string().into() }
}

pub(super) fn run_id(run: Uuid) -> HeaderValue {
    // A UUID consists of hexadecimal digits and hyphens.
    HeaderValue::from_str(&run.to_string()).unwrap_or(HeaderValue::from_static(""))
}

fn warning(text: &str) -> HeaderValue {
    let encoded = utf8_percent_encode(text, ENCODED).to_string();
    // The encoded text is printable ASCII.
    HeaderValue::try_from(encoded).unwrap_or(HeaderValue::from_static(""))
}

/// Returns the problem document of a call with an unknown outcome.
pub(super) fn unknown_outcome(message: &str, run: Uuid) -> Problem {
    let fix = format!(
        "Check the tenant, or ask the operator of the server, whose audit log has the run's writes (o365 audit --run {run}); then call with a new key if necessary."
    );
    let mut report = Report::new(Kind::OutcomeUnknown, message, fix);
    // The run may have made writes.
    report.retry_safe = false;
    Problem::new(&report)
}

/// Returns the problem document of a call that did not run because its tenant has too many keys.
pub(super) fn no_room_for_keys() -> Problem {
    Problem::new(&Report::new(
        Kind::Environment,
        "the call did not run, because the server keeps no more idempotency keys of the tenant",
        "Call without an Idempotency-Key, or later: each key is kept for a day after its call.",
    ))
}

/// Returns the problem document of a call that did not run because its response cannot be stored.
pub(super) fn cannot_store(error: &StoreError, run: Uuid) -> Problem {
    let message = format!("the call did not run, because its response cannot be stored: {error}");
    let report = match error {
        StoreError::Shared(_) => Report::new(Kind::Unavailable, message, error.fix()),
        _ => {
            let fix = "Make the state directory of the server writable, or call without a key.";
            Report::new(Kind::Environment, message, fix)
        }
    };
    Problem::new(&for_callers(report, run))
}
