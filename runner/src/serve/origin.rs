//! The URL by which the client of a request reaches the server.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::HOST;
use http::request::Parts;
use http::uri::{Authority, Scheme};

use super::forwarded::Client;
use super::service::Service;
use crate::base_url::BaseUrl;

/// The URL by which the client of a request reaches the server; `None` for a request that names no
/// valid host.
pub(super) struct Base(pub Option<BaseUrl>);

impl FromRequestParts<Service> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Service,
    ) -> Result<Self, Self::Rejection> {
        let client = parts.extensions.get::<Client>();
        let is_secure = client.is_some_and(|client| client.is_secure);
        let scheme = if is_secure { Scheme::HTTPS } else { Scheme::HTTP };
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = parts.uri.authority().map(Authority::as_str).or(host);
        let authority = client.and_then(|client| client.host.as_deref()).or(authority);
        let configured = service.0.public_url.load();
        Ok(Self(BaseUrl::decide(configured.as_deref(), &scheme, authority)))
    }
}
