//! Authentication by API key.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, StatusCode};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::access::RequestFacts;
use super::docs;
use super::metrics::reason;
use super::problem::{CHALLENGE, Problem};
use super::runs;
use super::service::{Caller, Service, WrongKey};
use crate::report::Kind;

/// The header of the bare key, for clients that cannot write a word before it.
pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The path of the API explorer, whose page asks for the key.
pub(super) const DOCS: &str = "/docs";

/// Rejects requests without a valid key, and adds the caller to the others.
pub(super) async fn required(
    State(service): State<Service>,
    mut request: Request,
    next: Next,
) -> Response {
    let key = match key(request.headers()) {
        Ok(key) => key.map(SecretString::from),
        Err(NotOneKey) => {
            service.0.refused.with_wrong_key();
            service.0.metrics.http.refused(reason::WRONG_KEY);
            let message = "the request has several keys, or a header for a key without one";
            return Problem::unauthenticated(message).into_response();
        }
    };
    let keys = service.0.keys.load();
    let caller = key.as_ref().map(|key| keys.holder(key.expose_secret(), Timestamp::now()));
    drop(keys);
    if key.is_none()
        && let Some((tenant, token)) = runs::token_holder(&service, &request)
    {
        request.extensions_mut().insert(token);
        return admitted(Caller::Tenant(tenant), request, next).await;
    }
    match (key, caller) {
        (Some(key), Some(Ok(caller))) => {
            request.extensions_mut().insert(PresentedKey(key));
            admitted(caller, request, next).await
        }
        // A browser sends no key, so the response is the page that asks for it.
        _ if request.uri().path() == DOCS && request.method().is_safe() => {
            let challenge = [(WWW_AUTHENTICATE, CHALLENGE)];
            (StatusCode::UNAUTHORIZED, challenge, docs::shell()).into_response()
        }
        (Some(_), Some(Err(WrongKey::Expired))) => {
            service.0.refused.with_expired_key();
            service.0.metrics.http.refused(reason::EXPIRED_KEY);
            Problem::unknown_key().into_response()
        }
        (Some(_), _) => {
            service.0.refused.with_wrong_key();
            service.0.metrics.http.refused(reason::WRONG_KEY);
            Problem::unknown_key().into_response()
        }
        (None, _) => {
            service.0.refused.without_key();
            service.0.metrics.http.refused(reason::NO_KEY);
            Problem::unauthenticated("the request has no key").into_response()
        }
    }
}

/// Lets a request of a caller through.
async fn admitted(caller: Caller, mut request: Request, next: Next) -> Response {
    if let Some(facts) = request.extensions().get::<Arc<RequestFacts>>() {
        let _ = facts.caller.set(caller.clone());
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Returns the key of a request, in one header or in both.
fn key(headers: &HeaderMap) -> Result<Option<&str>, NotOneKey> {
    let bearer = sent(headers, &AUTHORIZATION, bearer)?;
    let bare = sent(headers, &API_KEY, |value| Some(value.trim()))?;
    match (bearer, bare) {
        (Some(one), Some(other)) if one != other => Err(NotOneKey),
        (one, other) => Ok(one.or(other)),
    }
}

/// More than one key, or none where one is announced.
struct NotOneKey;

/// Returns the key in a header, if the request has the header.
fn sent<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    read: fn(&str) -> Option<&str>,
) -> Result<Option<&'h str>, NotOneKey> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().ok().and_then(read).map(Some).ok_or(NotOneKey),
        (Some(_), Some(_)) => Err(NotOneKey),
    }
}

/// Returns the key of a bearer.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// The key of a request.
#[derive(Clone)]
pub(super) struct PresentedKey(pub SecretString);

/// The token of a request for one run, in place of a key.
#[derive(Clone)]
pub(super) struct PresentedToken(pub String);

/// The tenant that calls; rejects operators.
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
                "the key of an operator gives access to metrics only",
                "Use the key of a tenant.",
            )),
        }
    }
}
