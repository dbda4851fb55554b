//! Checking the tenant of a token before the token is used.
//!
//! A token has the id of its tenant. If the connection has a domain, OpenID discovery provides
//! the id, once. A token that is not a JWT shows no tenant, and is left to Graph. A JWT without
//! a tenant is refused.

use oauth2::http::Request;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use super::claims::{Claims, is_jwt};
use super::endpoints::Endpoints;
use super::exchange::Exchange;
use super::refusal::without_mark;
use crate::connections::config::Configured;
use crate::connections::tokens::AccessToken;
use crate::report::{Kind, Report};

/// Microsoft Graph's application id, the same in every tenant and cloud.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// The id of a connection's tenant, once it is looked up.
#[derive(Default)]
pub struct Tenant(OnceCell<Uuid>);

/// The metadata of an OpenID provider.
#[derive(Deserialize)]
struct Discovery {
    issuer: Url,
}

impl Tenant {
    /// Fails for a token of another tenant, or with another audience than Graph.
    pub async fn check(
        &self,
        configured: &Configured,
        endpoints: &Endpoints,
        exchange: &Exchange<'_>,
        token: &AccessToken,
    ) -> Result<(), Report> {
        let nameless = || {
            Report::unauthorized(
                "the sign-in host gave a token that names no tenant",
                format!("Check `tenant` and `login-url` of connection {}.", configured.id),
            )
        };
        let Some(claims) = Claims::of(token) else {
            return if is_jwt(token) { Err(nameless()) } else { Ok(()) };
        };
        let graph = configured.cloud.graph();
        if let Some(aud) = &claims.aud
            && aud.trim_end_matches('/') != graph
            && aud != GRAPH_APP_ID
        {
            return Err(Report::unauthorized(
                format!("the sign-in host gave a token for {aud:?} instead of {graph}"),
                format!("Check `cloud` and `login-url` of connection {}.", configured.id),
            ));
        }
        let tid = claims.tid.as_ref().ok_or_else(nameless)?;
        let expected = match Uuid::parse_str(&configured.tenant) {
            Ok(id) => id,
            Err(_) => *self.0.get_or_try_init(|| look_up(configured, endpoints, exchange)).await?,
        };
        if Uuid::parse_str(tid).is_ok_and(|tid| tid == expected) {
            return Ok(());
        }
        Err(Report::unauthorized(
            format!(
                "the token is of tenant {tid:?}, and connection {} is for {} ({expected})",
                configured.id, configured.tenant
            ),
            format!(
                "Sign in to {}, or correct `tenant` of connection {}.",
                configured.tenant, configured.id
            ),
        ))
    }
}

/// Looks up the id of a domain: the issuer is `https://HOST/ID/v2.0`. Source: Microsoft Learn,
/// "OpenID Connect on the Microsoft identity platform".
async fn look_up(
    configured: &Configured,
    endpoints: &Endpoints,
    exchange: &Exchange<'_>,
) -> Result<Uuid, Report> {
    let failed = format!("the id of tenant {} could not be looked up", configured.tenant);
    let unknown = |kind: Kind, reason: &str| {
        let fix = format!("Write the tenant's id as `tenant` of connection {}.", configured.id);
        Report::new(kind, reason, fix).within(&failed)
    };
    let request = Request::get(endpoints.discovery.as_str())
        .body(Vec::new())
        .map_err(|error| unknown(Kind::Configuration, &error.to_string()))?;
    let response = exchange.send(request).await;
    let response = response.map_err(|error| unknown(Kind::Transport, &error.to_string()))?;
    if let Some(refused) = exchange.refusal() {
        return Err(refused.within(&failed));
    }
    serde_json::from_slice::<Discovery>(without_mark(response.body()))
        .ok()
        .and_then(|discovery| {
            discovery.issuer.path_segments()?.find_map(|part| Uuid::parse_str(part).ok())
        })
        .ok_or_else(|| unknown(Kind::Transport, "the sign-in host does not name it"))
}
