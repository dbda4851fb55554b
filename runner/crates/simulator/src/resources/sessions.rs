//! The sign-in sessions and the password of a user.

use http::StatusCode;
use serde_json::{Value, json};

use super::accounts::existing;
use crate::exchange::{Exchange, Response, ResponseOrRefusal, text};
use crate::guid::Guid;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::Tenant;
use crate::user::SESSIONS_VALID_FROM;
use graph::passwords;

/// `POST /users/{id}/revokeSignInSessions`: 200 with `true`. Earlier refresh tokens end.
pub fn revoke(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let id = existing(tenant, exchange, key)?;
    keep(tenant, exchange, id, SESSIONS_VALID_FROM);
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
    for name in ["currentPassword", "newPassword"] {
        if text(&body, name).is_none_or(str::is_empty) {
            return Err(Refusal::required(name, "User"));
        }
    }
    passwords::check(text(&body, "newPassword").unwrap_or_default())?;
    keep(tenant, exchange, id, "lastPasswordChangeDateTime");
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// Sets a time of the user to now.
fn keep(tenant: &mut Tenant, exchange: &Exchange<'_>, id: Guid, name: &str) {
    tenant.users.change(id, |user| {
        let now = Value::from(exchange.at.to_string());
        user.other.get_or_insert_default().insert(name.to_owned(), now);
    });
    tenant.changes.note(id);
}
