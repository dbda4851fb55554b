//! The access log: a line and a span for each request.
//!
//! They contain the route of the path, the address of the client, and the caller's `X-Request-Id`,
//! which the response repeats; nothing of other headers, query or body. Unauthenticated requests are
//! logged at the level debug only, because anybody could fill the log with them.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;
use uuid::Uuid;

use super::forwarded::Client;
use super::mcp;
use super::response::RUN_ID;
use super::service::{Caller, Service};
use crate::telemetry::spans;

/// The facts about a request that its handlers find, each set once.
#[derive(Default)]
pub(super) struct RequestFacts {
    pub caller: OnceLock<Caller>,
    pub run: OnceLock<Uuid>,
    /// The action, if the component has it.
    pub action: OnceLock<String>,
}

impl RequestFacts {
    fn tenant(&self) -> Option<&str> {
        self.caller.get()?.tenant()
    }
}

/// The header with the caller's own id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id of a request, in bytes.
const MAX_REQUEST_ID: usize = 128;

/// Logs a request when its response is ready, or when the client has disconnected.
pub(super) async fn logged(
    State(service): State<Service>,
    mut request: Request,
    next: Next,
) -> Response {
    let template = request.extensions().get::<MatchedPath>().cloned();
    let route = template.as_ref().map(MatchedPath::as_str);
    let span = spans::request(request.method(), route, request.headers());
    let facts = Arc::new(RequestFacts::default());
    request.extensions_mut().insert(Arc::clone(&facts));
    let mut line = Line {
        method: request.method().clone(),
        template,
        client: request.extensions().get().map(|client: &Client| client.address),
        request_id: request_id(request.headers()),
        began: Instant::now(),
        facts,
        response: None,
    };
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(id) = &line.request_id {
        response.headers_mut().insert(REQUEST_ID, id.clone());
    }
    // The response to a repeated call names the run of the first call.
    let run = response.headers().get(RUN_ID).and_then(|run| run.to_str().ok()?.parse().ok());
    line.response = Some((response.status(), run));
    let (tenant, status) = (line.facts.tenant(), response.status());
    let route = line.template.as_ref().map(MatchedPath::as_str);
    service.0.metrics.http.count(tenant, &line.method, route, status, line.began.elapsed());
    spans::responded(&span, tenant, status);
    response
}

/// Returns the caller's id of a request, if it is visible ASCII, and not too long.
fn request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut ids = headers.get_all(REQUEST_ID).iter();
    let (Some(id), None) = (ids.next(), ids.next()) else { return None };
    let is_short = (1..=MAX_REQUEST_ID).contains(&id.len());
    (is_short && id.as_bytes().iter().all(u8::is_ascii_graphic)).then(|| id.clone())
}

/// The log line of a request, written when this is dropped.
struct Line {
    method: Method,
    template: Option<MatchedPath>,
    client: Option<IpAddr>,
    request_id: Option<HeaderValue>,
    began: Instant,
    facts: Arc<RequestFacts>,
    /// The status and the run; `None` if the client disconnected before.
    response: Option<(StatusCode, Option<Uuid>)>,
}

/// Writes a line: the level of an event must be a constant.
macro_rules! write_at {
    ($level:ident, $line:expr, $message:literal) => {{
        let Line { method, template, client, request_id, began, facts, response } = $line;
        let run = match response {
            Some((_, run)) => run.as_ref(),
            None => facts.run.get(),
        };
        tracing::$level!(
            method = spans::known(method),
            route = template.as_ref().map(MatchedPath::as_str),
            status = response.as_ref().map(|(status, _)| status.as_u16()),
            ms = spans::ms(began.elapsed()),
            client = client.map(display),
            request_id = request_id.as_ref().and_then(|id| id.to_str().ok()),
            tenant = facts.tenant(),
            action = facts.action.get().map(String::as_str),
            run = run.map(display),
            $message
        );
    }};
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = &*self;
        match (&line.response, line.facts.caller.get()) {
            (Some(_), None) => write_at!(debug, line, "unauthenticated request"),
            (None, None) => write_at!(debug, line, "unauthenticated client disconnected"),
            (None, Some(_)) => write_at!(info, line, "the client disconnected"),
            // Clients of MCP ask at once whether there is a stream of events.
            (Some((StatusCode::METHOD_NOT_ALLOWED, _)), Some(_))
                if line.method == Method::GET
                    && line.template.as_ref().is_some_and(|it| it.as_str() == mcp::http::PATH) =>
            {
                write_at!(debug, line, "the request failed");
            }
            // A full queue is counted, and a throttled run has a line of its own.
            (Some((StatusCode::TOO_MANY_REQUESTS, _)), Some(_)) => {
                write_at!(debug, line, "the request failed");
            }
            (Some((status, _)), Some(_)) if status.as_u16() >= 400 => {
                write_at!(warn, line, "the request failed");
            }
            (Some(_), Some(_)) => write_at!(info, line, "answered"),
        }
    }
}
