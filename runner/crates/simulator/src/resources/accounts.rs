//! Creating, changing and deleting users.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{look, users};
use crate::exchange::{Body, Exchange, Response, ResponseOrRefusal, member};
use crate::guid::Guid;
use crate::lag::UserView;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{DeletedUser, Tenant, User};
use crate::time::Time;
use graph::accounts::{self, NewUser};
use graph::passwords::PasswordProfile;
use graph::references;

/// `POST /users`. The password is checked, and not stored.
pub fn create(tenant: &mut Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    let body = exchange.object()?;
    let new = NewUser::read(&body)?;
    check_domain(tenant, new.user_principal_name)?;
    let domain = tenant.verified(accounts::domain(new.user_principal_name));
    let has_anchor = new.other.get("onPremisesImmutableId").is_some_and(Value::is_string);
    if domain.is_some_and(|domain| domain.is_federated) && !has_anchor {
        return Err(Refusal::federated_domain());
    }
    check_free(tenant, new.user_principal_name)?;
    if new.mail.is_some_and(|mail| tenant.users.addressed(mail).is_some()) {
        return Err(Refusal::address_taken());
    }
    let manager = references::one(&body, references::MANAGER)?;
    let manager = manager.map(|manager| tenant.manager_for(None, &manager)).transpose()?;
    let id = tenant.new_id();
    let NewUser { user_principal_name, display_name, mail_nickname, .. } = new;
    let mut user = User {
        mail: new.mail.map(Into::into),
        usage_location: new.usage_location.map(Into::into),
        account_enabled: new.account_enabled,
        manager,
        other: (!new.other.is_empty()).then(|| Box::new(new.other)),
        ..User::new(id, user_principal_name, display_name, mail_nickname, exchange.at)
    };
    user.set_type(new.user_type);
    keep_profile(new.password_profile, &mut user);
    for (name, value) in user.other.iter().flat_map(|other| other.iter()) {
        check_anchor(tenant, &user, name, value)?;
    }
    let json = users::entity(tenant, exchange, &user);
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
    apply(tenant, &body, &mut changed, exchange.at)?;
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
    for license in user.assigned() {
        tenant.release(license.sku_id);
    }
    user.user_principal_name = format!("{}{}", id.simple(), user.user_principal_name).into();
    tenant.lagging.remove(&id);
    tenant.changes.note(id);
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

/// Checks that the address of `user` can become `mail`. That of a mailbox is Exchange's.
fn check_mail(tenant: &Tenant, mail: Option<&str>, user: &User) -> Result<(), Refusal> {
    if tenant.has_mailbox(user) {
        return Err(Refusal::read_only("mail"));
    }
    let holder = mail.and_then(|mail| tenant.users.addressed(mail));
    match holder {
        Some(holder) if holder.id != user.id => Err(Refusal::address_taken()),
        _ => Ok(()),
    }
}

/// Checks that no other user has the anchor of an on-premises directory.
fn check_anchor(tenant: &Tenant, user: &User, name: &str, value: &Value) -> Result<(), Refusal> {
    if name != "onPremisesImmutableId" || value.is_null() {
        return Ok(());
    }
    let has = |own: &User| own.other.as_ref().and_then(|other| other.get(name)) == Some(value);
    match tenant.users.iter().any(|own| own.id != user.id && has(own)) {
        true => Err(Refusal::anchor_taken()),
        false => Ok(()),
    }
}

/// Keeps what a password profile says beside the password.
fn keep_profile(profile: PasswordProfile, user: &mut User) {
    let PasswordProfile { force_change, force_change_with_mfa, .. } = profile;
    let flags = [
        ("forceChangePasswordNextSignIn", force_change),
        ("forceChangePasswordNextSignInWithMfa", force_change_with_mfa),
    ];
    if flags.iter().all(|(_, flag)| flag.is_none()) {
        return;
    }
    let kept = user.other.get_or_insert_default().entry("passwordProfile".to_owned());
    let kept = kept.or_insert_with(|| json!({ "password": null }));
    for (name, flag) in flags {
        if let Some(kept) = kept.as_object_mut() {
            let before = kept.remove(name).unwrap_or(Value::Null);
            kept.insert(name.to_owned(), flag.map_or(before, Value::from));
        }
    }
}

/// Applies the changes in `body` to `user`.
fn apply(
    tenant: &Tenant,
    body: &Map<String, Value>,
    user: &mut User,
    at: Time,
) -> Result<(), Refusal> {
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
    if let Some(user_type) = accounts::user_type(body)? {
        user.set_type(user_type);
    }
    if let Some(manager) = references::one(body, references::MANAGER)? {
        user.manager = Some(tenant.manager_for(Some(user.id), &manager)?);
    }
    if has("mail") {
        let mail = accounts::mail(body)?;
        check_mail(tenant, mail, user)?;
        user.mail = mail.map(Into::into);
    }
    if let Some(profile) = PasswordProfile::read(body)? {
        if profile.has_password {
            user.end_sessions("lastPasswordChangeDateTime", at);
        }
        keep_profile(profile, user);
    }
    if has("userPrincipalName") {
        let name = accounts::user_principal_name(body)?;
        check_domain(tenant, name)?;
        if !name.eq_ignore_ascii_case(&user.user_principal_name) {
            check_free(tenant, name)?;
        }
        user.user_principal_name = name.into();
    }
    for (name, value) in accounts::further(body)? {
        check_anchor(tenant, user, &name, &value)?;
        let own = user.other.get_or_insert_default().entry(name).or_default();
        match (own, value) {
            (Value::Object(own), Value::Object(value)) => own.extend(value),
            (own, value) => *own = value,
        }
    }
    Ok(())
}
