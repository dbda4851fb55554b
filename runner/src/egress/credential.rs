//! Signs the requests for Graph. The layer stands below the recording, and removes the token from
//! responses. A 403 gets a header when the token has the permission.

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt};

use super::authority::below;
use super::masking::masked;
use super::{EgressError, EgressStack, HttpError, Request, Response, wrap};
use crate::connections::sign_in::claims::Claims;
use crate::connections::tokens::{AccessToken, Credentials};
use crate::context::Stop;
use crate::contract::{Access, Policy};
use crate::recording::scan::OtherSecrets;
use crate::report::Report;

/// The header of a 403 whose token has a permission for the call.
const PERMISSION: HeaderName = HeaderName::from_static("o365-permission");

/// The layer that adds the token of a connection.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The connection's tokens.
    pub credentials: Credentials,
    /// The version root of the connection's Graph, the only place that receives a token.
    pub graph_url: Uri,
    /// Collects the tokens that are sent, for the redaction of the run's recording.
    pub known: Option<OtherSecrets>,
}

impl Layer<EgressStack> for Credential {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        wrap(self, inner, Self::send)
    }
}

impl Credential {
    /// Sends a request with a token, and once more with a new token when Graph responds 401. A
    /// request with that response had no effect, so a write is sent again as well.
    async fn send(self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        let Some(path) = below(&self.graph_url, request.uri()).map(ToOwned::to_owned) else {
            return Err(EgressError::Http(HttpError::HttpRequestDenied));
        };
        let method = request.method().clone();
        let token = self.token().await?;
        let response = inner.clone().oneshot(signed(request.clone(), &token)?).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(marked(masked(response, token.masking()).await, &token, &method, &path));
        }
        // Reading the body gives the HTTP connection back to the pool.
        let _ = response.into_body().collect().await;
        self.credentials.invalidate(&token);
        let next = self.token().await?;
        let response = inner.oneshot(signed(request, &next)?).await?;
        let response = masked(response, token.masking()).await;
        Ok(marked(masked(response, next.masking()).await, &next, &method, &path))
    }

    async fn token(&self) -> Result<AccessToken, EgressError> {
        let token = self.credentials.token().await.map_err(stopped)?;
        if let Some(known) = &self.known {
            known.add("the access token", token.secret().clone());
        }
        Ok(token)
    }
}

/// Marks a 403 whose token has a permission for the call: what is missing then is a role, which
/// the guest, who sees no token, cannot tell by itself.
fn marked(mut response: Response, token: &AccessToken, method: &Method, path: &str) -> Response {
    // A server cannot set the mark.
    response.headers_mut().remove(PERMISSION);
    if response.status() == StatusCode::FORBIDDEN && has_permission(token, method, path) {
        response.headers_mut().insert(PERMISSION, HeaderValue::from_static("granted"));
    }
    response
}

/// Returns whether the claims of a token contain a permission that allows the call.
fn has_permission(token: &AccessToken, method: &Method, path: &str) -> bool {
    let (Some(claims), Ok(policy)) = (Claims::of(token), Policy::embedded()) else { return false };
    let scopes = claims.scp.as_deref().unwrap_or_default().split_whitespace();
    let held: Vec<&str> = claims.roles.iter().map(String::as_str).chain(scopes).collect();
    let access = if claims.scp.is_some() { Access::Delegated } else { Access::AppOnly };
    policy
        .permissions_of(method, path)
        .is_some_and(|allow| allow.of(access).iter().any(|name| held.contains(&name.as_str())))
}

fn signed(mut request: Request, token: &AccessToken) -> Result<Request, EgressError> {
    let header = token.header().ok_or_else(|| {
        stopped(Report::unauthorized("the token cannot stand in a header", "Sign in again."))
    })?;
    request.headers_mut().insert(AUTHORIZATION, header);
    Ok(request)
}

fn stopped(error: Report) -> EgressError {
    Stop::SignIn(Box::new(error)).into()
}
