//! The sign-in sessions and the password of a user.

use http::StatusCode;
use serde_json::json;

use super::accounts::existing;
use crate::exchange::{Exchange, Response, ResponseOrRefusal, text};
use crate::guid::Guid;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::Tenant;
use graph::passwords;

/// `POST /users/{id}/revokeSignInSessions`: 200 with `true`. Earlier refresh tokens end.
pub fn revoke(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let id = existing(tenant, exchange, key)?;
    end(tenant, exchange, id, "signInSessionsValidFromDateTime");
    let (name, context) = exchange.context("Edm.Boolean");
    Ok(Response::json(json!({ name: context, "value": true })))
}

/// `POST /users/{id}/changePassword`: 204. Any current password is right, as at the sign-in host.
pub fn change_password(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    key: &Key,
) -> ResponseOrRefusal {
    let id = existing(tenant, exchange, key)?;
    let own = exchange.caller.user.as_deref().and_then(|user| tenant.users.find(user));
    if own != Some(id) {
        // Source: "user: changePassword": the signed-in user's own, never an application's.
        return Err(Refusal::denied());
    }
    let body = exchange.object()?;
    graph::only(&body, &["currentPassword", "newPassword"], "changePassword")?;
    for name in ["currentPassword", "newPassword"] {
        if text(&body, name).is_none_or(str::is_empty) {
            return Err(Refusal::required(name, "User"));
        }
    }
    passwords::check(text(&body, "newPassword").unwrap_or_default())?;
    end(tenant, exchange, id, "lastPasswordChangeDateTime");
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// Ends the sessions of a user, and sets a time to now.
fn end(tenant: &mut Tenant, exchange: &Exchange<'_>, id: Guid, property: &str) {
    tenant.users.change(id, |user| user.end_sessions(property, exchange.at));
    tenant.changes.note(id);
}
