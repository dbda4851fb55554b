//! Signs the requests for Graph: the token is attached here, below the recording,
//! and taken out of what comes back. A 403 says whether the token has the permission.

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
use crate::contract::Access;
use crate::contract::Policy;
use crate::recording::scan::OtherSecrets;
use crate::report::Report;

/// The header of a 403 that says that the token has a permission for the call.
const PERMISSION: HeaderName = HeaderName::from_static("o365-permission");

/// Whose token goes out, and where to.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The connection's tokens.
    pub credentials: Credentials,
    /// Graph's version root of the connection. Nothing else ever gets a token.
    pub graph_url: Uri,
    /// Where each token is noted that goes out, so that the recording of the run holds none;
    /// none where there is no recording.
    pub known: Option<OtherSecrets>,
}

impl Layer<EgressStack> for Credential {
    type Service = EgressStack;

    fn layer(&self, inner: EgressStack) -> EgressStack {
        let credential = self.clone();
        wrap(inner, move |request, inner| {
            let credential = credential.clone();
            async move { credential.send(request, inner).await }
        })
    }
}

impl Credential {
    /// Sends with a token; with a new one, once more, when Graph refused the first. A request
    /// that was refused with 401 did nothing, so a write is sent again as well.
    async fn send(&self, request: Request, inner: EgressStack) -> Result<Response, EgressError> {
        if below(&self.graph_url, request.uri()).is_none() {
            return Err(EgressError::Http(HttpError::HttpRequestDenied));
        }
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let told = |response, token: &AccessToken| self.told(response, token, &method, &uri);
        let token = self.token().await?;
        let response = inner.clone().oneshot(signed(request.clone(), &token)?).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(told(masked(response, &token.masking()).await, &token));
        }
        // To its end, or its connection would be held while others wait for one. What Graph
        // says will come again if it still means it.
        let _ = response.into_body().collect().await;
        self.credentials.invalidate(&token);
        let next = self.token().await?;
        let response = inner.oneshot(signed(request, &next)?).await?;
        let response = masked(response, &token.masking()).await;
        Ok(told(masked(response, &next.masking()).await, &next))
    }

    /// A 403 with what the token says of itself: where it has a permission for the call, a role
    /// is missing, which the guest, who sees no token, cannot tell by itself.
    fn told(
        &self,
        mut response: Response,
        token: &AccessToken,
        method: &Method,
        uri: &Uri,
    ) -> Response {
        // Nobody but this layer says it.
        response.headers_mut().remove(PERMISSION);
        let path = below(&self.graph_url, uri).unwrap_or_default();
        if response.status() == StatusCode::FORBIDDEN && has_permission(token, method, path) {
            response.headers_mut().insert(PERMISSION, HeaderValue::from_static("granted"));
        }
        response
    }

    async fn token(&self) -> Result<AccessToken, EgressError> {
        let token = self.credentials.token().await.map_err(stopped)?;
        if let Some(known) = &self.known {
            known.add("the access token", token.secret().clone());
        }
        Ok(token)
    }
}

/// Whether a token says that it has one of the permissions that allow a call.
fn has_permission(token: &AccessToken, method: &Method, path: &str) -> bool {
    let Some(claims) = Claims::of(token) else { return false };
    let Ok(policy) = Policy::embedded() else { return false };
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
