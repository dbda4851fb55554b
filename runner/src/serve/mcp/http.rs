//! The tools over HTTP, at `/mcp`.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::Face;
use crate::serve::actions::MAX_INPUT;
use crate::serve::authentication::Tenant;
use crate::serve::service::Service;

/// The path of the tools.
pub(in crate::serve) const PATH: &str = "/mcp";

/// Returns the methods of the path, for tenants.
pub(in crate::serve) fn methods(service: &Service) -> MethodRouter<Service> {
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
    any(move |_: Tenant, request: Request| {
        let server = server.clone();
        async move { Response::map(server.handle(request).await, Body::new) }
    })
}
