//! A request, a run, a call of Graph: what is said of each, and nothing else.
//!
//! The log takes the run alone, so that each of its lines names the run and is no longer than
//! that; an exporter takes all three. Neither is ever given a header, a body, a query or a
//! path: a path names users.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use tracing::field::Empty;
use tracing::{Span, error_span, info_span};
use uuid::Uuid;

use crate::context::Receipt;

/// The target of the span of a run, which the log shows too.
pub const RUN: &str = "runner::run";

/// The target of the spans of requests and of calls, which are for exporters alone.
pub const TRACE: &str = "runner::trace";

/// What a run is said to be of whose action's name nobody knows.
const UNKNOWN: &str = "(unknown)";

/// A run, below whatever goes on at this moment. Its level is the highest, so that whatever
/// is logged of it has its id.
pub fn run(run: Uuid, tenant: Option<&str>, action: Option<&str>) -> Span {
    error_span!(
        target: RUN,
        "run",
        %run,
        tenant,
        action = action.unwrap_or(UNKNOWN),
        outcome = Empty,
        wall_ms = Empty,
        cpu_us = Empty,
        peak_memory_bytes = Empty,
        graph_requests = Empty,
        retries = Empty,
        wait_ms = Empty,
        bytes_in = Empty,
        bytes_out = Empty,
    )
}

/// Says how a run ended and what it took, and logs that: without an error it is done.
pub fn ended(run: &Span, error: Option<&str>, receipt: &Receipt) {
    // An exporter takes signed numbers for numbers, and unsigned ones for texts.
    let number = |name, value: u64| {
        run.record(name, i64::try_from(value).unwrap_or(i64::MAX));
    };
    run.record("outcome", error.unwrap_or("done"));
    number("wall_ms", receipt.wall_ms);
    number("cpu_us", receipt.cpu_us);
    number("peak_memory_bytes", receipt.peak_memory_bytes);
    number("graph_requests", receipt.graph_requests.into());
    number("retries", receipt.retries.into());
    number("wait_ms", receipt.wait_ms);
    number("bytes_in", receipt.bytes_in);
    number("bytes_out", receipt.bytes_out);
    let _entered = run.enter();
    if error.is_some() {
        fails(run);
        tracing::warn!("failed");
    } else {
        tracing::info!("done");
    }
}

/// A request that came in, below what its `traceparent` names. `route` is the template that
/// its path is of.
pub fn request(method: &Method, route: Option<&str>, headers: &HeaderMap) -> Span {
    let method = known(method);
    let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    let span = info_span!(
        target: TRACE,
        "request",
        otel.name = name,
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        tenant = Empty,
    );
    #[cfg(feature = "otel")]
    super::export::continue_from(&span, headers);
    #[cfg(not(feature = "otel"))]
    let _ = headers;
    span
}

/// Says whose a request was, and how it was answered.
pub fn responded(request: &Span, tenant: Option<&str>, status: StatusCode) {
    if let Some(tenant) = tenant {
        request.record("tenant", tenant);
    }
    has_status(request, status);
    if status.is_server_error() {
        fails(request);
    }
}

/// A call of Graph: its method and, if the policy has it, its template. Nothing enters it,
/// since the log's lines are of the run.
pub fn call(method: &Method, template: Option<&str>) -> Span {
    let method = known(method);
    let name = template.map_or_else(|| method.to_owned(), |path| format!("{method} {path}"));
    info_span!(
        target: TRACE,
        "call",
        otel.name = name,
        otel.kind = "client",
        http.request.method = method,
        url.template = template,
        http.response.status_code = Empty,
        request_id = Empty,
        error.type = Empty,
    )
}

/// Says how a call was answered; `request_id` is Graph's own name for it.
pub fn answered(call: &Span, status: StatusCode, request_id: &str) {
    has_status(call, status);
    call.record("request_id", request_id);
    if status.is_client_error() || status.is_server_error() {
        fails(call);
    }
}

/// Says that a call has no answer, and why in one word.
pub fn unanswered(call: &Span, reason: &str) {
    call.record("error.type", reason);
    fails(call);
}

/// A method that there is; any other text that a caller may send is none of ours to repeat.
pub fn known(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS
        | Method::CONNECT
        | Method::TRACE => method.as_str(),
        _ => "_OTHER",
    }
}

/// How long something took, in milliseconds with one decimal.
pub fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

fn has_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
}

/// Marks what an exporter is to show as failed.
#[cfg(feature = "otel")]
fn fails(span: &Span) {
    use opentelemetry::trace::Status;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    span.set_status(Status::error(""));
}

/// Without an exporter there is nothing to mark.
#[cfg(not(feature = "otel"))]
fn fails(_: &Span) {}
