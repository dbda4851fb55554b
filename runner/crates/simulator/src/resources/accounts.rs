//! Creating, changing and deleting users.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{look, users};
use crate::exchange::{Body, Exchange, Response, ResponseOrRefusal, member};
use crate::guid::Guid;
use crate::lag::UserView;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{DeletedUser, Tenant, User};
use graph::accounts::{self, NewUser};

/// `POST /users`. The password is checked, and not stored.
pub fn create(tenant: &mut Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    let body = exchange.object()?;
    let new = NewUser::read(&body)?;
    check_domain(tenant, new.user_principal_name)?;
    check_free(tenant, new.user_principal_name)?;
    let id = tenant.new_id();
    let NewUser { user_principal_name, display_name, mail_nickname, .. } = new;
    let user = User {
        usage_location: new.usage_location.map(Into::into),
        account_enabled: new.account_enabled,
        other: (!new.other.is_empty()).then(|| Box::new(new.other)),
        ..User::new(id, user_principal_name, display_name, mail_nickname, exchange.at)
    };
    let json = users::entity(tenant, exchange, &user, None);
    tenant.users.insert(user).map_err(|_| Refusal::invalid_value("userPrincipalName"))?;
    tenant.wrote(id, None);
    let location =
        format!("{}/directoryObjects/{id}/Microsoft.DirectoryServices.User", exchange.base);
    Ok(Response {
        status: StatusCode::CREATED,
        headers: vec![("location", location)],
        body: Body::Json(json.into()),
    })
}

/// `PATCH /users/{id}`: 204 without a body.
pub fn update(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let body = exchange.object()?;
    let id = existing(tenant, exchange, key)?;
    let before = tenant.users.get(id).cloned();
    let mut changed = before.clone().ok_or_else(|| Refusal::absent(&id.to_string()))?;
    apply(tenant, &body, &mut changed)?;
    tenant.users.change(id, |user| *user = changed);
    tenant.wrote(id, before);
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{id}`: 204. The seats and the name become free: the name of a deleted user begins
/// with its id.
pub fn delete(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let id = existing(tenant, exchange, key)?;
    let Some(mut user) = tenant.users.remove(id) else {
        return Err(Refusal::absent(&id.to_string()));
    };
    for license in &user.licenses {
        tenant.release(license.sku_id);
    }
    user.user_principal_name = format!("{}{}", id.simple(), user.user_principal_name).into();
    tenant.lagging.remove(&id);
    tenant.deleted_users.push(DeletedUser { deleted_date_time: exchange.at, user });
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

impl Tenant {
    /// Frees a seat of `sku_id`.
    pub(super) fn release(&mut self, sku_id: Guid) {
        if let Some(sku) = self.skus.iter_mut().find(|sku| sku.sku_id == sku_id) {
            sku.consumed_units = sku.consumed_units.saturating_sub(1);
        }
    }
}

/// Returns the id of the user in a path, if its creation is replicated.
pub fn existing(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> Result<Guid, Refusal> {
    match look(tenant, exchange, key)? {
        (UserView::Now(id), _) => Ok(id),
        (UserView::Before(user), _) => Ok(user.id),
        (UserView::Absent | UserView::NotReplicated, name) => Err(Refusal::absent(&name)),
    }
}

/// Checks that a name is in a verified domain.
fn check_domain(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    match tenant.has_verified(accounts::domain(name)) {
        true => Ok(()),
        false => Err(Refusal::unverified_domain()),
    }
}

/// Checks that no other object has the name.
fn check_free(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    if tenant.users.find(name).is_some() {
        return Err(Refusal::name_taken());
    }
    if tenant.users.addressed(name).is_some() {
        return Err(Refusal::address_taken());
    }
    Ok(())
}

/// Applies the changes in `body` to `user`.
fn apply(tenant: &Tenant, body: &Map<String, Value>, user: &mut User) -> Result<(), Refusal> {
    let has = |name: &str| member(body, name).is_some();
    if has("accountEnabled") {
        user.account_enabled = accounts::account_enabled(body)?;
    }
    if has("displayName") {
        user.display_name = accounts::display_name(body)?.into();
    }
    if has("mailNickname") {
        user.mail_nickname = accounts::mail_nickname(body)?.into();
    }
    if has("usageLocation") {
        let location = accounts::usage_location(body)?;
        user.usage_location = location.map(|code| code.to_ascii_uppercase().into());
    }
    if has("passwordProfile") {
        accounts::password(body)?;
    }
    if has("userPrincipalName") {
        let name = accounts::user_principal_name(body)?;
        check_domain(tenant, name)?;
        if !name.eq_ignore_ascii_case(&user.user_principal_name) {
            check_free(tenant, name)?;
        }
        user.user_principal_name = name.into();
    }
    let other = accounts::further(body)?;
    if !other.is_empty() {
        user.other.get_or_insert_default().extend(other);
    }
    Ok(())
}
