//! What came of a call, as it is answered and kept.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use uuid::Uuid;

use super::idempotency::Answer as Kept;
use super::problem::Problem;
use crate::error;
use crate::platform::{Answer, Failure, Refusal};

/// The run's id, in an answer.
pub(super) const RUN_ID: HeaderName = HeaderName::from_static("run-id");

/// What is to be said beside a result, percent-encoded where it is not printable ASCII; one
/// header for each sentence.
pub(super) const RUN_WARNING: HeaderName = HeaderName::from_static("run-warning");

/// What a header's value cannot hold, and the sign that encodes it.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Whether an error asks to call again, and nothing was done before it: to be told the same
/// for a day would be no answer to the repeat that it asks for.
pub(super) fn passes(error: &Value) -> bool {
    let status = Problem::new(error.clone()).status();
    let nothing = error.get("completed").and_then(Value::as_array).is_none_or(Vec::is_empty);
    let comes_again = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    comes_again && nothing && error.get("retrySafe").and_then(Value::as_bool) == Some(true)
}

/// An answer as it is kept and given again.
pub(super) fn kept(answer: Answer) -> Kept {
    match answer.outcome {
        Ok(result) => {
            let mut headers =
                HeaderMap::from_iter([(CONTENT_TYPE, JSON), (RUN_ID, run_id(answer.run))]);
            for text in &answer.warnings {
                headers.append(RUN_WARNING, warning(text));
            }
            Kept { status: StatusCode::OK, headers, body: result.to_string().into() }
        }
        // The tenant went after its key was looked at.
        Err(Failure::Refused(Refusal::NoSuchTenant)) => {
            kept_problem(&Problem::unauthenticated("the key is not that of any tenant"), None)
        }
        Err(failure) => {
            let error = told_to_callers(failure.error(), answer.run);
            kept_problem(&Problem::new(error), Some(answer.run))
        }
    }
}

/// An error as those may see it who cannot look into the server: what it lacks is for its
/// operator, whose log has it, and names files and variables that are nobody else's business.
fn told_to_callers(mut error: Value, run: Uuid) -> Value {
    if !["environment", "configuration"].contains(&error::kind(&error)) {
        return error;
    }
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    tracing::error!(%run, reason = text("message"), fix = text("fix"), "the server lacks something");
    if let Some(error) = error.as_object_mut() {
        let message = "the server lacks something that the call needs, and its log says what";
        let look = match error.get("completed").and_then(Value::as_array) {
            Some(writes) if !writes.is_empty() => error::LOOK,
            _ => "",
        };
        let fix =
            format!("{look}Ask the operator of the server to look into its log, and call again.");
        error.insert("message".to_owned(), message.into());
        error.insert("fix".to_owned(), fix.into());
    }
    error
}

pub(super) fn kept_problem(problem: &Problem, run: Option<Uuid>) -> Kept {
    let mut headers = problem.headers().clone();
    headers.extend(run.map(|run| (RUN_ID, run_id(run))));
    Kept { status: problem.status(), headers, body: problem.body().to_string().into() }
}

fn run_id(run: Uuid) -> HeaderValue {
    // Hexadecimal digits and hyphens.
    HeaderValue::from_str(&run.to_string()).unwrap_or(HeaderValue::from_static(""))
}

fn warning(text: &str) -> HeaderValue {
    let encoded = utf8_percent_encode(text, ENCODED).to_string();
    // Printable ASCII by now.
    HeaderValue::try_from(encoded).unwrap_or(HeaderValue::from_static(""))
}

/// A call of which nobody here can say what it did.
pub(super) fn unknown(message: &str, run: Uuid) -> Problem {
    let fix = format!(
        "Look in the tenant, or ask the operator of the server, whose audit log has the run's writes (o365 audit --run {run}); then call with a new key if it is still to be done."
    );
    let mut told = error::plain("outcome-unknown", message, &fix);
    // It may have made writes, though none of them is known here.
    if let Some(told) = told.as_object_mut() {
        told.insert("retrySafe".to_owned(), false.into());
    }
    Problem::new(told)
}

pub(super) fn not_kept(reason: &str, run: Uuid) -> Problem {
    let error = error::plain(
        "environment",
        &format!("the call was not run, since its answer could not be kept: {reason}"),
        "See that the server's state directory can be written, or call without a key.",
    );
    Problem::new(told_to_callers(error, run))
}
