//! The spans of requests, runs and calls of Graph.
//!
//! The log shows only the span of the run, which keeps its lines short; an exporter receives
//! all three. Spans contain no header, body, query or path: a path names users.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use tracing::field::Empty;
use tracing::{Span, error_span, info_span};
use uuid::Uuid;

use crate::context::Receipt;
use crate::report::Kind;

/// The target of the span of a run, which the log shows too.
pub const RUN: &str = "runner::run";

/// The target of the spans of requests and of calls, which are for exporters alone.
pub const TRACE: &str = "runner::trace";

/// The action of a run whose action does not exist.
const UNKNOWN: &str = "(unknown)";

/// Creates the span of a run, below the current span. It has the highest level, so that every
/// line of the log has the run's id.
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

/// Records and logs the outcome of a run and its receipt.
pub fn ended(run: &Span, error: Option<&str>, receipt: &Receipt) {
    // The exporter writes unsigned numbers as text.
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
    if [Kind::Busy, Kind::RateLimited].map(|kind| Some(kind.name())).contains(&error) {
        // Refused calls can be any number; the server logs how many there are.
        set_failed(run);
        tracing::debug!("failed");
    } else if error.is_some() {
        set_failed(run);
        tracing::warn!("failed");
    } else {
        tracing::info!("done");
    }
}

/// Creates the span of a request to the server, below the span in its `traceparent`. `route` is
/// the template of its path.
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

/// Records the tenant of a request and the status of the response.
pub fn responded(request: &Span, tenant: Option<&str>, status: StatusCode) {
    if let Some(tenant) = tenant {
        request.record("tenant", tenant);
    }
    set_status(request, status);
    if status.is_server_error() {
        set_failed(request);
    }
}

/// Creates the span of a call of Graph, with the call's template if the policy has it. The span
/// is never entered, so that the log shows the run alone.
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

/// Records the status of a response from Graph, and Graph's id of the request.
pub fn answered(call: &Span, status: StatusCode, request_id: &str) {
    set_status(call, status);
    call.record("request_id", request_id);
    if status.is_client_error() || status.is_server_error() {
        set_failed(call);
    }
}

/// Records the reason, in one word, why a call has no response.
pub fn unanswered(call: &Span, reason: &str) {
    call.record("error.type", reason);
    set_failed(call);
}

/// Returns the name of a standard method, and `_OTHER` for text that a caller made up.
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

/// Returns a duration in milliseconds, with one decimal.
pub fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

fn set_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
}

/// Marks a span as failed, for an exporter.
fn set_failed(span: &Span) {
    #[cfg(feature = "otel")]
    tracing_opentelemetry::OpenTelemetrySpanExt::set_status(
        span,
        opentelemetry::trace::Status::error(""),
    );
    #[cfg(not(feature = "otel"))]
    let _ = span;
}
