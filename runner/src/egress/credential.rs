//! Signs the requests for Graph: the token is attached here, below the recording,
//! and taken out of what comes back.

use http::StatusCode;
use http::Uri;
use http::header::AUTHORIZATION;
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::authority::below;
use super::masking::masked;
use super::{EgressError, HttpError, Request, Response, WayOut};
use crate::connections::entra_error::SignInError;
use crate::connections::tokens::{AccessToken, Credentials};
use crate::recording::redaction::Redaction;
use crate::recording::scan::OtherSecrets;
use crate::sandbox::Stop;

/// Whose token goes out, and where to.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The connection's tokens.
    pub credentials: Credentials,
    /// Graph's version root of the connection. Nothing else ever gets a token.
    pub graph_url: Uri,
    /// Where each token is noted that goes out, so that no recording holds one.
    pub known: OtherSecrets,
}

impl Credential {
    /// This layer in front of `inner`.
    pub fn in_front_of(self, inner: WayOut) -> WayOut {
        BoxCloneSyncService::new(service_fn(move |request: Request| {
            let (credential, inner) = (self.clone(), inner.clone());
            async move { credential.send(request, inner).await }
        }))
    }

    /// Sends with a token; with a new one, once more, when Graph refused the first. A request
    /// that was refused with 401 did nothing, so a write is sent again as well.
    async fn send(&self, request: Request, inner: WayOut) -> Result<Response, EgressError> {
        if below(&self.graph_url, request.uri()).is_none() {
            return Err(EgressError::Http(HttpError::HttpRequestDenied));
        }
        let token = self.token().await?;
        let response = inner.clone().oneshot(signed(request.clone(), &token)?).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(masked(response, &of_tokens([&token])).await);
        }
        // To its end, or its connection would be held while others wait for one. What Graph
        // says will come again if it still means it.
        let _ = response.into_body().collect().await;
        self.credentials.invalidate(&token);
        let next = self.token().await?;
        let response = inner.oneshot(signed(request, &next)?).await?;
        Ok(masked(response, &of_tokens([&token, &next])).await)
    }

    async fn token(&self) -> Result<AccessToken, EgressError> {
        let token = self.credentials.token().await.map_err(stopped)?;
        self.known.add("the access token", token.secret().clone());
        Ok(token)
    }
}

/// What takes these tokens out of an answer.
fn of_tokens<const N: usize>(tokens: [&AccessToken; N]) -> Redaction {
    Redaction::of_tokens(tokens.map(|token| token.secret().expose_secret()))
}

fn signed(mut request: Request, token: &AccessToken) -> Result<Request, EgressError> {
    let header = token.header().ok_or_else(|| {
        stopped(SignInError::own("the token cannot stand in a header", "Sign in again."))
    })?;
    request.headers_mut().insert(AUTHORIZATION, header);
    Ok(request)
}

fn stopped(error: SignInError) -> EgressError {
    Stop::SignIn(error).into()
}
