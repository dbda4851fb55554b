//! The OpenAPI documents over HTTP.

use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Uri};
use serde_json::Value;
use url::form_urlencoded;

use super::actions;
use super::authentication::Tenant;
use super::forwarded::Client;
use super::openapi::{self, Form, Version, View};
use super::problem::Problem;
use super::service::Service;
use crate::base_url::BaseUrl;
use crate::report::Kind;

/// `GET /openapi.json`: OpenAPI 3.1, or with the parameter `version` another one.
pub(super) async fn openapi(
    State(service): State<Service>,
    Tenant(id): Tenant,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let version = version(query.as_deref())?;
    service.document(&id, Form::OpenApi(version), service.base_url(&client, &uri, &headers))
}

/// `GET /swagger.json`: OpenAPI 2.0.
pub(super) async fn swagger(
    State(service): State<Service>,
    Tenant(id): Tenant,
    Extension(client): Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    service.document(&id, Form::Swagger, service.base_url(&client, &uri, &headers))
}

/// `GET /apiProperties.json`: what a connector needs beside its OpenAPI 2.0.
pub(super) async fn api_properties(
    State(service): State<Service>,
    Tenant(_): Tenant,
    Extension(client): Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Json<Value> {
    Json(openapi::api_properties(service.base_url(&client, &uri, &headers).as_ref()))
}

impl Service {
    /// Returns the URL by which the client of a request reaches the server; `None` for a request that
    /// names no valid host.
    fn base_url(&self, client: &Client, uri: &Uri, headers: &HeaderMap) -> Option<BaseUrl> {
        let scheme = if client.is_secure { Scheme::HTTPS } else { Scheme::HTTP };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = uri.authority().map(Authority::as_str).or(host);
        let authority = client.host.as_deref().or(authority);
        BaseUrl::decide(self.0.public_url.load().as_deref(), &scheme, authority)
    }

    /// Returns the document of a tenant that reaches the server by `base_url`.
    fn document(
        &self,
        id: &str,
        form: Form,
        base_url: Option<BaseUrl>,
    ) -> Result<Json<Value>, Problem> {
        let tenant = self.0.platform.tenant(id);
        let allowed = |action: &str| tenant.as_ref().is_some_and(|tenant| tenant.may_run(action));
        let view = View {
            tenant: Some(id),
            allowed: &allowed,
            connections: &actions::connections(tenant.as_ref()),
            base_url,
        };
        let documents = self.0.documents.load();
        Ok(Json(openapi::document(&documents, &self.0.policy, &view, form)?))
    }
}

/// Reads the version from a query.
fn version(query: Option<&str>) -> Result<Version, Problem> {
    let mut named = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == "version")
        .map(|(_, value)| Version::named(&value));
    match (named.next(), named.next()) {
        (None, _) => Ok(Version::default()),
        (Some(Some(version)), None) => Ok(version),
        (Some(_), _) => {
            let known = Version::ALL.map(Version::name).join(" or ");
            let fix = format!("Use ?version= with {known}. OpenAPI 2.0 is at /swagger.json.");
            let message = "the query parameter version names no known version";
            Err(Problem::refusal(Kind::InvalidInput, message, &fix))
        }
    }
}
