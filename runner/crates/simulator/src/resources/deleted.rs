//! Deleted users and groups, which can be restored for 30 days.

use http::StatusCode;
use serde_json::{Map, Value};

use super::json::{self, Shape};
use super::listing::Conditions;
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::objects::{Object, Type};
use crate::refusal::Refusal;
use crate::tenant::Tenant;
use crate::time::Time;

/// `GET /directory/deletedItems/microsoft.graph.user` and its like for groups.
pub fn list(tenant: &Tenant, exchange: &Exchange<'_>, kind: Type) -> ResponseOrRefusal {
    exchange.query.only_simulated(&["$select", "$top", "$count", "$filter"])?;
    let shape = Shape::of(tenant, exchange, kind)?;
    let conditions = Conditions::of(exchange, kind, exchange.eventual && exchange.query.counts())?;
    let objects: Vec<Value> = tenant
        .deleted()
        .filter(|(object, _)| object.kind() == kind && conditions.hold(*object))
        .map(|(object, at)| shown(tenant, object, at, &shape, false).into())
        .collect();
    let context = exchange.context(&format!("{}{}", kind.collection(), shape.in_context()));
    let mut body = Map::from_iter([context]);
    if exchange.query.counts() && exchange.eventual {
        body.insert("@odata.count".to_owned(), objects.len().into());
    }
    body.insert("value".to_owned(), objects.into());
    Ok(Response::json(body))
}

/// `GET /directory/deletedItems/{id}`.
pub fn get(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only_simulated(&["$select"])?;
    let shape = Shape::of(tenant, exchange, Type::Any)?;
    let found = tenant.deleted().find(|(object, _)| object.id().to_string() == id.to_lowercase());
    let (object, at) = found.ok_or_else(|| Refusal::absent(id))?;
    let context = exchange.context(&format!("directoryObjects{}/$entity", shape.in_context()));
    let mut body = Map::from_iter([context]);
    body.extend(shown(tenant, object, at, &shape, true));
    Ok(Response::json(body))
}

/// `DELETE /directory/deletedItems/{id}`: 204. The object is gone.
pub fn purge(tenant: &mut Tenant, id: &str) -> ResponseOrRefusal {
    let id: Guid = id.parse().map_err(|_| Refusal::absent(id))?;
    let before = tenant.deleted().count();
    tenant.deleted_users.retain(|deleted| deleted.user.id != id);
    tenant.deleted_groups.retain(|deleted| deleted.group.id != id);
    if tenant.deleted().count() == before {
        return Err(Refusal::absent(&id.to_string()));
    }
    tenant.groups.forget(id);
    tenant.changes.note(id);
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `POST /directory/deletedItems/{id}/restore`: 200 with the object. A user has the former name, if
/// it is free, and the former licences, as far as there are seats.
pub fn restore(tenant: &mut Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    let id: Guid = id.parse().map_err(|_| Refusal::absent(id))?;
    if let Some(index) = tenant.deleted_groups.iter().position(|own| own.group.id == id) {
        let group = tenant.deleted_groups.remove(index).group;
        let _ = tenant.groups.insert(group);
    } else {
        restore_user(tenant, id, exchange.at)?;
    }
    let object = tenant.object(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    Ok(Response::json(json::entity(tenant, exchange, object, &Shape::default(), Type::Any)))
}

fn restore_user(tenant: &mut Tenant, id: Guid, at: Time) -> Result<(), Refusal> {
    let index = tenant.deleted_users.iter().position(|own| own.user.id == id);
    let index = index.ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let deleted = tenant.deleted_users.get(index).map(|own| own.user.clone());
    let mut user = deleted.ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let name = user.user_principal_name.strip_prefix(&id.simple());
    user.user_principal_name = name.unwrap_or(&user.user_principal_name).into();
    if tenant.users.find(&user.user_principal_name).is_some() {
        return Err(Refusal::name_taken());
    }
    if user.mail.as_ref().is_some_and(|mail| tenant.users.addressed(mail).is_some()) {
        return Err(Refusal::address_taken());
    }
    let direct = std::mem::take(&mut user.licenses);
    let before = user.clone();
    let has_seat = |sku_id: Guid| tenant.sku(sku_id).is_some_and(|sku| sku.free() > 0);
    let kept = direct.into_iter().filter(|own| own.assigned_by_group.is_none());
    user.licenses = kept.filter(|own| has_seat(own.sku_id)).collect();
    tenant.users.insert(before.clone()).map_err(|_| Refusal::name_taken())?;
    tenant.deleted_users.remove(index);
    tenant.keep_licenses(before, user, at);
    tenant.settle_members([id], at);
    Ok(())
}

/// Returns the JSON of an object with the time of its deletion.
fn shown(
    tenant: &Tenant,
    object: Object<'_>,
    at: Time,
    shape: &Shape,
    typed: bool,
) -> Map<String, Value> {
    let mut json = tenant.object_json(object, shape, typed);
    json.insert("deletedDateTime".to_owned(), at.to_string().into());
    json
}

impl Tenant {
    /// Returns the deleted objects, with the time of the deletion.
    fn deleted(&self) -> impl Iterator<Item = (Object<'_>, Time)> {
        let users = self.deleted_users.iter();
        let groups = self.deleted_groups.iter();
        users
            .map(|own| (Object::User(&own.user), own.deleted_date_time))
            .chain(groups.map(|own| (Object::Group(&own.group), own.deleted_date_time)))
    }
}
