//! The OpenAPI documents over HTTP.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::Value;
use url::form_urlencoded;

use super::actions;
use super::authentication::Tenant;
use super::openapi::{self, Form, Version, View};
use super::origin::Base;
use super::problem::Problem;
use super::service::Service;
use crate::base_url::BaseUrl;
use crate::report::Kind;

/// `GET /openapi.json`: OpenAPI 3.1, or with the parameter `version` another one.
pub(super) async fn openapi(
    State(service): State<Service>,
    Tenant(id): Tenant,
    RawQuery(query): RawQuery,
    Base(base_url): Base,
) -> Result<Json<Value>, Problem> {
    let version = version(query.as_deref())?;
    service.document(&id, Form::OpenApi(version), base_url)
}

/// `GET /swagger.json`: OpenAPI 2.0.
pub(super) async fn swagger(
    State(service): State<Service>,
    Tenant(id): Tenant,
    Base(base_url): Base,
) -> Result<Json<Value>, Problem> {
    service.document(&id, Form::Swagger, base_url)
}

/// `GET /apiProperties.json`: what a connector needs beside its OpenAPI 2.0.
pub(super) async fn api_properties(Tenant(_): Tenant, Base(base_url): Base) -> Json<Value> {
    Json(openapi::api_properties(base_url.as_ref()))
}

impl Service {
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
