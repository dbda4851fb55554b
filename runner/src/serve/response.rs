//! What came of a call, as it is answered and kept.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

use super::idempotency::StoredResponse;
use super::problem::Problem;
use crate::platform::{CallResult, Failure, Refusal};
use crate::report::{Kind, LOOK, Report};

/// The run's id, in an answer.
pub(super) const RUN_ID: HeaderName = HeaderName::from_static("run-id");

/// What is to be said beside a result, percent-encoded where it is not printable ASCII; one
/// header for each sentence.
pub(super) const RUN_WARNING: HeaderName = HeaderName::from_static("run-warning");

/// What a header's value cannot hold, and the sign that encodes it.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer as it is kept and given again.
pub(super) fn kept(answer: CallResult) -> StoredResponse {
    match answer.outcome {
        Ok(result) => {
            let mut headers =
                HeaderMap::from_iter([(CONTENT_TYPE, JSON), (RUN_ID, run_id(answer.run))]);
            for text in &answer.warnings {
                headers.append(RUN_WARNING, warning(text));
            }
            StoredResponse { status: StatusCode::OK, headers, body: result.to_string().into() }
        }
        // The tenant went after its key was looked at.
        Err(Failure::Refused(Refusal::NoSuchTenant)) => {
            kept_problem(&Problem::unauthenticated("the key is not that of any tenant"), None)
        }
        Err(failure) => {
            let report = for_callers(failure.report(), answer.run);
            kept_problem(&Problem::new(&report), Some(answer.run))
        }
    }
}

/// An error as those may see it who cannot look into the server: what it lacks is for its
/// operator, whose log has it, and names files and variables that are nobody else's business.
fn for_callers(mut report: Report, run: Uuid) -> Report {
    if !matches!(report.kind, Kind::Environment | Kind::Configuration) {
        return report;
    }
    let Report { message, fix, .. } = &report;
    tracing::error!(%run, reason = message, fix, "the server lacks something");
    let look = if report.completed.is_empty() { "" } else { LOOK };
    report.message =
        "the server lacks something that the call needs, and its log says what".to_owned();
    report.fix =
        format!("{look}Ask the operator of the server to look into its log, and call again.");
    report
}

pub(super) fn kept_problem(problem: &Problem, run: Option<Uuid>) -> StoredResponse {
    let mut headers = problem.headers().clone();
    headers.extend(run.map(|run| (RUN_ID, run_id(run))));
    StoredResponse { status: problem.status(), headers, body: problem.body().to_string().into() }
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
    let mut report = Report::new(Kind::OutcomeUnknown, message, fix);
    // It may have made writes, though none of them is known here.
    report.retry_safe = false;
    Problem::new(&report)
}

pub(super) fn not_kept(reason: &str, run: Uuid) -> Problem {
    let report = Report::new(
        Kind::Environment,
        format!("the call was not run, since its answer could not be kept: {reason}"),
        "See that the server's state directory can be written, or call without a key.",
    );
    Problem::new(&for_callers(report, run))
}
