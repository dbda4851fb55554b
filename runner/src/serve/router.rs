//! The routes and the middleware.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Json};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, HOST, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Version};
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;
use tower_http::compression::Predicate;
use tower_http::compression::predicate::{NotForContentType, SizeAbove};

use super::authentication::{self, DOCS};
use super::metrics::{Format, Health};
use super::problem::Problem;
use super::service::{Caller, Service};
use super::{access, actions, choices, docs, documents, mcp, negotiation, runs};
use crate::report::Kind;

/// The largest headers of a request, in bytes of names and values.
const MAX_HEADERS: usize = 16 << 10;

/// The smallest response that is compressed, in bytes.
const MIN_COMPRESSED: u64 = 4 << 10;

/// The number of headers of a request.
const MAX_HEADER_COUNT: usize = 64;

/// Returns the router of a service.
pub fn router(service: Service) -> Router {
    let keyed = Router::new()
        .route("/v1/actions", only("GET, HEAD", get(actions::list)))
        .route(
            "/v1/actions/{action}",
            only("GET, HEAD, POST", get(actions::describe).post(actions::call)),
        )
        .route("/v1/plans/{action}", only("POST", post(actions::call_plan)))
        .route(runs::PATH, only("GET, HEAD", get(runs::list)))
        .route("/v1/runs/{run}", only("GET, HEAD, DELETE", get(runs::get).delete(runs::cancel)))
        .route("/v1/choices/{list}", only("GET, HEAD", get(choices::choices)))
        .route("/openapi.json", only("GET, HEAD", get(documents::openapi)))
        .route("/swagger.json", only("GET, HEAD", get(documents::swagger)))
        .route("/apiProperties.json", only("GET, HEAD", get(documents::api_properties)))
        .route(DOCS, only("GET, HEAD", get(docs_page)))
        .route("/docs/assets/{name}", only("GET, HEAD", get(docs_asset)))
        .route(mcp::http::PATH, only("POST", mcp::http::post(&service)))
        .route("/metrics", only("GET, HEAD", get(all_metrics)))
        .fallback(no_such_path)
        .layer(from_fn_with_state(service.clone(), authentication::required));
    Router::new()
        .route("/healthz", only("GET, HEAD", get(healthy)))
        .route("/readyz", only("GET, HEAD", get(ready)))
        .merge(keyed)
        .layer(from_fn(well_formed))
        .layer(map_response(finished))
        .layer(CompressionLayer::new().compress_when(is_compressed()))
        .layer(map_request(with_one_encoding))
        .layer(from_fn_with_state(service.clone(), access::logged))
        .with_state(service)
}

/// Returns which responses are compressed: large ones, and no streams of events, which must not
/// wait for each other.
fn is_compressed() -> impl Predicate {
    SizeAbove::new(MIN_COMPRESSED).and(NotForContentType::SSE)
}

/// Adds a problem document for all methods but those `allowed`.
fn only(allowed: &'static str, methods: MethodRouter<Service>) -> MethodRouter<Service> {
    methods.fallback(move || async move { Problem::method_not_allowed(allowed) })
}

/// Rejects headers that are too large, and HTTP/1.1 requests without exactly one `Host` (RFC 9112,
/// section 3.2), which a proxy may interpret in another way.
async fn well_formed(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let hosts = headers.get_all(HOST).iter().count();
    let problem = if bytes > MAX_HEADERS || headers.len() > MAX_HEADER_COUNT {
        let message =
            format!("the request has {} headers of {bytes} bytes together", headers.len());
        let fix = format!("Send {MAX_HEADER_COUNT} headers and {MAX_HEADERS} bytes at most.");
        Problem::refusal(Kind::HeadersTooLarge, &message, &fix)
    } else if request.version() == Version::HTTP_11 && hosts != 1 {
        let message = format!("the request has {hosts} Host headers");
        Problem::refusal(Kind::InvalidInput, &message, "Send one Host header.")
    } else {
        return next.run(request).await;
    };
    problem.into_response()
}

/// Leaves the encoding that the request prefers. A request that refuses all, and the response as it
/// is as well, gets that: after a run, a 406 would hide its outcome.
async fn with_one_encoding(mut request: Request) -> Request {
    let encoding = negotiation::encoding(request.headers());
    let headers = request.headers_mut();
    headers.remove(ACCEPT_ENCODING);
    headers.extend(encoding.map(|encoding| (ACCEPT_ENCODING, HeaderValue::from_static(encoding))));
    request
}

/// Adds the headers of every response: no caching, and no guessing of its type.
async fn finished(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}

async fn no_such_path() -> Problem {
    let fix = "The paths are in /openapi.json, and /docs shows them.";
    Problem::refusal(Kind::NoSuchPath, "there is no such path", fix)
}

async fn healthy() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Reports whether the server accepts runs, and why not.
async fn ready(State(service): State<Service>) -> Result<Json<Value>, Problem> {
    let inner = &service.0;
    if inner.platform.is_stopping() {
        let fix = "Send calls to another server, or start this one again.";
        return Err(Problem::refusal(Kind::Stopping, "the server is stopping", fix));
    }
    let fix = "See the log of the server, and free some space on its disk if that is full.";
    let lacks = |message| Err(Problem::refusal(Kind::Environment, message, fix));
    if !inner.audit.healthy() {
        return lacks("the audit log cannot be written");
    }
    if !inner.responses.healthy() {
        return lacks("the responses to idempotency keys cannot be stored");
    }
    if !inner.runs.is_healthy() {
        return lacks("the runs that nobody waits for cannot be stored");
    }
    Ok(Json(json!({ "status": "ready" })))
}

async fn docs_page() -> Response {
    docs::shell().into_response()
}

async fn docs_asset(name: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let Ok(Path(name)) = name else { return no_such_path().await.into_response() };
    let gzip = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
    docs::asset(&name, gzip).unwrap_or(no_such_path().await.into_response())
}

async fn all_metrics(
    State(service): State<Service>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let inner = &service.0;
    let health = Health {
        audit: &inner.audit,
        responses: &inner.responses,
        connections: inner.connections.len(),
    };
    let format = Format::preferred(&headers);
    let text = inner.metrics.text(&inner.platform, &health, caller.tenant(), format);
    let vary = (VARY, HeaderValue::from_static("accept"));
    ([(CONTENT_TYPE, format.media_type()), vary], text).into_response()
}
