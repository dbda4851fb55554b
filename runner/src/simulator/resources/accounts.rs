//! Creating, changing and deleting users.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{checks, look, users};
use crate::simulator::exchange::{Answer, Answered, Content, Exchange, member};
use crate::simulator::guid::Guid;
use crate::simulator::lag::Seen;
use crate::simulator::refusal::Refusal;
use crate::simulator::route::Key;
use crate::simulator::tenant::{DeletedUser, Tenant, User};

/// The properties that a user is made of here; the rest is kept as it came.
const OWN: [&str; 7] = [
    "accountEnabled",
    "displayName",
    "mailNickname",
    "userPrincipalName",
    "usageLocation",
    "passwordProfile",
    "userType",
];

/// `POST /users`. The password is checked, and not kept.
pub fn create(tenant: &mut Tenant, exchange: &Exchange<'_>) -> Answered {
    let body = exchange.object()?;
    let account_enabled = checks::account_enabled(&body)?;
    let display_name = checks::display_name(&body)?;
    let mail_nickname = checks::mail_nickname(&body)?;
    let user_principal_name = checks::user_principal_name(tenant, &body)?;
    let usage_location = checks::usage_location(&body)?;
    let other = further(&body)?;
    checks::password(&body)?;
    checks::is_free(tenant, user_principal_name)?;
    let user = User {
        id: tenant.new_id(),
        user_principal_name: user_principal_name.into(),
        display_name: display_name.into(),
        mail_nickname: mail_nickname.into(),
        mail: None,
        usage_location: usage_location.map(|code| code.to_ascii_uppercase().into()),
        account_enabled,
        guest: false,
        shared_mailbox: false,
        created_date_time: exchange.at,
        licenses: Vec::new(),
        plans: None,
        other: (!other.is_empty()).then(|| Box::new(other)),
    };
    let id = user.id;
    let json = users::entity(tenant, exchange, &user, None);
    tenant.users.insert(user).map_err(|_| Refusal::invalid_value("userPrincipalName"))?;
    tenant.wrote(id, None);
    let location =
        format!("{}/directoryObjects/{id}/Microsoft.DirectoryServices.User", exchange.base);
    Ok(Answer {
        status: StatusCode::CREATED,
        headers: vec![("location", location)],
        body: Content::Json(json.into()),
    })
}

/// `PATCH /users/{id}`: 204, and no body.
pub fn update(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> Answered {
    let body = exchange.object()?;
    let id = existing(tenant, exchange, key)?;
    let before = tenant.users.get(id).cloned();
    let mut changed = before.clone().ok_or_else(|| Refusal::absent(&id.to_string()))?;
    apply(tenant, &body, &mut changed)?;
    tenant.users.change(id, |user| *user = changed);
    tenant.wrote(id, before);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{id}`: 204. The user's seats are free again, and so is its name: a
/// deleted user's begins with its id.
pub fn delete(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> Answered {
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
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

impl Tenant {
    /// A seat of `sku_id` is free again.
    pub(super) fn release(&mut self, sku_id: Guid) {
        if let Some(sku) = self.skus.iter_mut().find(|sku| sku.sku_id == sku_id) {
            sku.consumed_units = sku.consumed_units.saturating_sub(1);
        }
    }
}

/// The id of the user that a path names, if this copy of the directory knows it.
pub fn existing(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> Result<Guid, Refusal> {
    match look(tenant, exchange, key)? {
        (Seen::Now(id), _) => Ok(id),
        (Seen::Before(user), _) => Ok(user.id),
        (Seen::Absent | Seen::NotYet, name) => Err(Refusal::absent(&name)),
    }
}

/// What a body has besides the properties that are handled one by one. Annotations such as
/// `@odata.type` are passed over.
fn further(body: &Map<String, Value>) -> Result<BTreeMap<String, Value>, Refusal> {
    body.iter()
        .filter(|(name, _)| !name.contains('@'))
        .filter(|(name, _)| !OWN.iter().any(|own| own.eq_ignore_ascii_case(name)))
        .map(|(name, value)| Ok((checks::further(name, value)?.to_owned(), value.clone())))
        .collect()
}

/// Changes `user` to what `body` says.
fn apply(tenant: &Tenant, body: &Map<String, Value>, user: &mut User) -> Result<(), Refusal> {
    let has = |name: &str| member(body, name).is_some();
    if has("accountEnabled") {
        user.account_enabled = checks::account_enabled(body)?;
    }
    if has("displayName") {
        user.display_name = checks::display_name(body)?.into();
    }
    if has("mailNickname") {
        user.mail_nickname = checks::mail_nickname(body)?.into();
    }
    if has("usageLocation") {
        let location = checks::usage_location(body)?;
        user.usage_location = location.map(|code| code.to_ascii_uppercase().into());
    }
    if has("passwordProfile") {
        checks::password(body)?;
    }
    if has("userPrincipalName") {
        let name = checks::user_principal_name(tenant, body)?;
        if !name.eq_ignore_ascii_case(&user.user_principal_name) {
            checks::is_free(tenant, name)?;
        }
        user.user_principal_name = name.into();
    }
    let other = further(body)?;
    if !other.is_empty() {
        user.other.get_or_insert_default().extend(other);
    }
    Ok(())
}
