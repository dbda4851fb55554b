//! Without a key nothing but health answers.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use super::access::RequestFacts;
use super::docs;
use super::problem::{CHALLENGE, Problem};
use super::service::{Caller, Service};
use crate::report::Kind;

/// The path of the API explorer, whose page asks for the key itself.
pub(super) const DOCS: &str = "/docs";

/// Lets a request pass whose key is somebody's, and says whose.
pub(super) async fn required(
    State(service): State<Service>,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = key(request.headers()).map(|key| PresentedKey(key.into()));
    let holder = shown.as_ref().map(|key| service.0.keys.load().holder(key.0.expose_secret()));
    match holder {
        Some(Some(caller)) => {
            if let Some(exchange) = request.extensions().get::<RequestFacts>() {
                exchange.is_of(&caller);
            }
            request.extensions_mut().insert(caller);
            if let Some(shown) = shown {
                request.extensions_mut().insert(shown);
            }
            next.run(request).await
        }
        // A person's browser has no key to send, so the refusal is the page that asks for it.
        _ if request.uri().path() == DOCS && request.method().is_safe() => {
            let challenge = [(WWW_AUTHENTICATE, CHALLENGE)];
            (StatusCode::UNAUTHORIZED, challenge, docs::shell()).into_response()
        }
        Some(None) => {
            service.0.unauthenticated.with_wrong_key();
            Problem::unauthenticated("the key is not that of any tenant").into_response()
        }
        None => {
            service.0.unauthenticated.without_key();
            Problem::unauthenticated("the request has no key").into_response()
        }
    }
}

/// The key of a request; none unless there is exactly one.
fn key(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// The key that a request has shown.
#[derive(Clone)]
pub(super) struct PresentedKey(pub SecretString);

/// The tenant that calls.
pub(super) struct Tenant(pub String);

impl<S: Sync> axum::extract::FromRequestParts<S> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Caller>() {
            Some(Caller::Tenant(id)) => Ok(Self(id.clone())),
            _ => Err(Problem::refusal(
                Kind::NotAllowed,
                "the key of an operator sees metrics and nothing else",
                "Call with the key of a tenant.",
            )),
        }
    }
}
