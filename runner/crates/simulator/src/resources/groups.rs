//! Reading, creating, changing and deleting groups.

use http::StatusCode;

use super::json::{self, Shape};
use crate::exchange::{Body, Exchange, Response, ResponseOrRefusal, member};
use crate::objects::{Object, Type};
use crate::refusal::Refusal;
use crate::relations::Relation;
use crate::tenant::{DeletedGroup, Group, Tenant};
use graph::groups::{self, NewGroup};
use graph::references::Reference;

/// `GET /groups/{id}`.
pub fn get(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select", "$expand"])?;
    let shape = Shape::of(tenant, exchange, Type::Group)?;
    let group = tenant.group(id)?;
    Ok(Response::json(json::entity(tenant, exchange, Object::Group(group), &shape, Type::Group)))
}

/// `POST /groups`: 201 with the group. A signed-in user owns it.
pub fn create(tenant: &mut Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    let body = exchange.object()?;
    let new = NewGroup::read(&body)?;
    let own = (None, new.unified);
    let members = tenant.bound(&body, Relation::Members, own)?;
    let mut owners = tenant.bound(&body, Relation::Owners, own)?;
    let caller = exchange.caller.user.as_deref();
    owners.extend(caller.and_then(|user| tenant.users.find(user)));
    if new.unified && tenant.has_alias(new.mail_nickname) {
        return Err(Refusal::alias_taken());
    }
    let id = tenant.new_id();
    let mail = format!("{}@{}", new.mail_nickname, tenant.initial_domain());
    // Source: "Create group": Microsoft 365 groups are public without a visibility.
    let visibility = new.visibility.or(new.unified.then_some("Public"));
    let group = Group {
        mail: new.unified.then(|| mail.into()),
        unified: new.unified,
        security_enabled: new.security_enabled,
        visibility: visibility.map(Into::into),
        members: members.into_iter().collect(),
        owners: owners.into_iter().collect(),
        other: new.other,
        ..Group::new(id, new.display_name, new.mail_nickname, exchange.at)
    };
    tenant.groups.insert(group).map_err(|_| Refusal::invalid_value_of("id", "Group"))?;
    let group = tenant.groups.get(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let object = Object::Group(group);
    let body = json::entity(tenant, exchange, object, &Shape::default(), Type::Group);
    let location =
        format!("{}/directoryObjects/{id}/Microsoft.DirectoryServices.Group", exchange.base);
    Ok(Response {
        status: StatusCode::CREATED,
        headers: vec![("location", location)],
        body: Body::Json(body.into()),
    })
}

/// `PATCH /groups/{id}`: 204 without a body. `members@odata.bind` adds members, and
/// `owners@odata.bind` owners.
pub fn update(tenant: &mut Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    let body = exchange.object()?;
    let mut group = tenant.group(id)?.clone();
    let has = |name: &str| member(&body, name).is_some();
    if has("displayName") {
        group.display_name = groups::display_name(&body)?.into();
    }
    if has("mailNickname") {
        let nickname = groups::mail_nickname(&body)?;
        let is_new = !group.mail_nickname.eq_ignore_ascii_case(nickname);
        if group.unified && is_new && tenant.has_alias(nickname) {
            return Err(Refusal::alias_taken());
        }
        group.mail_nickname = nickname.into();
    }
    if has("securityEnabled") {
        group.security_enabled = groups::flag(&body, "securityEnabled")?;
        if !group.security_enabled && !group.unified {
            return Err(Refusal::invalid_value_of("securityEnabled", "Group"));
        }
    }
    if has("visibility") {
        group.visibility = groups::visibility(&body)?.map(Into::into);
    }
    for fixed in ["mailEnabled", "groupTypes"] {
        if has(fixed) {
            return Err(Refusal::read_only(fixed));
        }
    }
    group.other.extend(groups::further(&body)?);
    let own = (Some(group.id), group.unified);
    let added = tenant.bound(&body, Relation::Members, own)?;
    if added.iter().any(|id| group.members.contains(id)) {
        return Err(Refusal::already_referenced("members"));
    }
    let owners = tenant.bound(&body, Relation::Owners, own)?;
    if owners.iter().any(|id| group.owners.contains(id)) {
        return Err(Refusal::already_referenced("owners"));
    }
    let (id, changed) = (group.id, !added.is_empty());
    group.members.extend(&added);
    group.owners.extend(&owners);
    if let Some(own) = tenant.groups.get_mut(id) {
        *own = group;
    }
    if changed {
        tenant.settle_members(added, exchange.at);
    }
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /groups/{id}`: 204. A Microsoft 365 group can be restored, a security group is gone.
/// Source: "Delete group".
pub fn delete(tenant: &mut Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    let group = tenant.group(id)?;
    if !group.licenses.is_empty() {
        return Err(Refusal::group_has_licenses());
    }
    let id = group.id;
    if let Some(group) = tenant.groups.remove(id) {
        match group.unified {
            true => {
                let deleted = DeletedGroup { deleted_date_time: exchange.at, group };
                tenant.deleted_groups.push(deleted);
            }
            false => tenant.groups.forget(id),
        }
    }
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

impl Tenant {
    /// Returns the group of a path.
    pub(super) fn group(&self, id: &str) -> Result<&Group, Refusal> {
        let found = id.parse().ok().and_then(|id| self.groups.get(id));
        found.ok_or_else(|| Refusal::absent(id))
    }

    /// Returns the object of a reference, which must exist.
    pub(super) fn referenced(&self, reference: &Reference) -> Result<Object<'_>, Refusal> {
        let (found, key) = match reference {
            Reference::Object(id) => (self.object(*id), id.to_string()),
            Reference::User(key) => {
                let user = self.users.find(key).and_then(|id| self.users.get(id));
                (user.map(Object::User), key.clone())
            }
        };
        found.ok_or_else(|| Refusal::absent(&key))
    }

    /// Returns whether a user or a Microsoft 365 group has this mail alias at the initial domain.
    fn has_alias(&self, nickname: &str) -> bool {
        let address = format!("{nickname}@{}", self.initial_domain());
        let has = |group: &Group| {
            group.mail.as_ref().is_some_and(|mail| mail.eq_ignore_ascii_case(&address))
        };
        self.users.addressed(&address).is_some() || self.groups.iter().any(has)
    }
}
