//! The tools over HTTP, at `/mcp`.

use axum::body::Body;
use axum::extract::Request as Incoming;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use http::Request;
use http_body_util::Full;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::Face;
use crate::report::Report;
use crate::serve::actions::{MAX_INPUT, whole_body};
use crate::serve::authentication::Tenant;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::values;

/// The path of the tools.
pub(in crate::serve) const PATH: &str = "/mcp";

/// Returns what answers the requests of tenants. There are no sessions, whose other methods would be
/// GET and DELETE.
pub(in crate::serve) fn post(service: &Service) -> MethodRouter<Service> {
    let of_requests = service.clone();
    // The key of a tenant is required before, which no page of another origin has: the name of the
    // host needs no check.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_INPUT)
        .disable_allowed_hosts()
        .enforce_origin_validation();
    let face = move || Ok(Face::new(of_requests.clone(), None, false));
    let server = StreamableHttpService::new(face, NeverSessionManager::default().into(), config);
    routing::post(move |_: Tenant, request: Incoming| {
        let server = server.clone();
        async move {
            let (parts, body) = request.into_parts();
            // Within its time, which the SDK does not limit.
            let body = whole_body(body).await?;
            if !body.is_empty() {
                // The SDK would take the last of two members with one name.
                values::parse(&body, MAX_INPUT)
                    .map_err(|problems| Problem::new(&Report::input(problems)))?;
            }
            let body = Full::new(body);
            let response = server.handle(Request::from_parts(parts, body)).await;
            Ok::<Response, Problem>(response.map(Body::new))
        }
    })
}
