//! The objects to which an object refers: members, owners, managers.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::accounts::existing;
use super::json::{self, Shape};
use super::listing::{self, Collection};
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::objects::{Object, Type};
use crate::refusal::Refusal;
use crate::relations::Relation;
use crate::route::{Owner, View};
use crate::tenant::Tenant;
use graph::references::{self, Reference};

/// Reads or changes the references of an object.
pub fn respond(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    owner: &Owner,
    relation: Relation,
    view: &View,
) -> ResponseOrRefusal {
    let id = owner.id(tenant, exchange)?;
    match (exchange.method.as_str(), view) {
        ("POST", _) => add(tenant, exchange, id, relation),
        ("PUT", _) => set_manager(tenant, exchange, id),
        ("DELETE", View::Reference(other)) => remove(tenant, exchange, id, relation, other),
        ("DELETE", _) => clear_manager(tenant, id),
        _ => read(tenant, exchange, id, relation, view),
    }
}

impl Owner {
    /// Returns the id of the object in a path.
    pub(super) fn id(&self, tenant: &mut Tenant, exchange: &Exchange<'_>) -> Result<Guid, Refusal> {
        match self {
            Self::User(key) => existing(tenant, exchange, key),
            Self::Group(id) => Ok(tenant.group(id)?.id),
            Self::Any(id) => tenant.object_at(id).map(Object::id),
        }
    }
}

impl Tenant {
    /// Returns the object of a path.
    pub(super) fn object_at(&self, id: &str) -> Result<Object<'_>, Refusal> {
        let found = id.parse().ok().and_then(|id| self.object(id));
        found.ok_or_else(|| Refusal::absent(id))
    }
}

fn read(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    id: Guid,
    relation: Relation,
    view: &View,
) -> ResponseOrRefusal {
    let owner = tenant.object(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let related = tenant.related(owner, relation);
    if relation == Relation::Manager {
        return manager(tenant, exchange, &related, view);
    }
    let path = format!("{}/{id}/{}", owner.kind().collection(), relation.name());
    let collection = |kind: Type| {
        let cast = match kind {
            Type::Any => String::new(),
            kind => format!("/microsoft.graph.{}", kind.name()),
        };
        Collection { kind, path: format!("{path}{cast}"), ids: Some(&related) }
    };
    match view {
        View::Objects(kind) => listing::list(tenant, exchange, &collection(*kind)),
        View::Count(kind) => listing::count(tenant, exchange, &collection(*kind)),
        View::References | View::Reference(_) => {
            exchange.query.only(&[])?;
            let ids = related.iter().filter(|id| tenant.object(**id).is_some());
            let links: Vec<Value> = ids.map(|id| reference(exchange, *id)).collect();
            let context = exchange.context("Collection($ref)");
            Ok(Response::json(Map::from_iter([context, ("value".to_owned(), links.into())])))
        }
    }
}

fn reference(exchange: &Exchange<'_>, id: Guid) -> Value {
    json!({ "@odata.id": format!("{}/directoryObjects/{id}", exchange.base) })
}

fn manager(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    related: &BTreeSet<Guid>,
    view: &View,
) -> ResponseOrRefusal {
    let manager = related.iter().find_map(|id| tenant.object(*id));
    let manager = manager.ok_or_else(|| Refusal::absent("manager"))?;
    match view {
        View::References => {
            let Value::Object(link) = reference(exchange, manager.id()) else {
                return Err(Refusal::absent("manager"));
            };
            let context = exchange.context("$ref");
            Ok(Response::json(Map::from_iter([context].into_iter().chain(link))))
        }
        View::Objects(kind) if *kind == Type::Any || *kind == manager.kind() => {
            exchange.query.only(&["$select", "$expand"])?;
            let shape = Shape::of(tenant, exchange, Type::User)?;
            Ok(Response::json(json::entity(tenant, exchange, manager, &shape, Type::Any)))
        }
        _ => Err(Refusal::absent("manager")),
    }
}

/// `POST .../$ref` on members or owners: 204.
fn add(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    id: Guid,
    relation: Relation,
) -> ResponseOrRefusal {
    let added = references::of_body(&exchange.object()?)?;
    let added = tenant.referenced(&added)?;
    let is_unified = tenant.groups.get(id).is_some_and(|group| group.unified);
    check_target((Some(id), is_unified), relation, added)?;
    let added = added.id();
    let is_new = tenant.list(id, relation).is_some_and(|list| list.insert(added));
    if !is_new {
        return Err(Refusal::already_referenced(relation.name()));
    }
    if relation == Relation::Members {
        tenant.settle_members([added], exchange.at);
    }
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `DELETE .../{id}/$ref` on members or owners: 204.
fn remove(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    id: Guid,
    relation: Relation,
    other: &str,
) -> ResponseOrRefusal {
    let other_id: Guid = other.parse().map_err(|_| Refusal::absent(other))?;
    let is_last = |list: &BTreeSet<Guid>| list.len() == 1 && list.contains(&other_id);
    if relation == Relation::Owners && tenant.list(id, relation).is_some_and(|own| is_last(own)) {
        return Err(Refusal::last_owner());
    }
    let was = tenant.list(id, relation).is_some_and(|list| list.remove(&other_id));
    if !was {
        return Err(Refusal::absent(other));
    }
    if relation == Relation::Members {
        tenant.settle_members([other_id], exchange.at);
    }
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `PUT /users/{id}/manager/$ref`: 204.
fn set_manager(tenant: &mut Tenant, exchange: &Exchange<'_>, id: Guid) -> ResponseOrRefusal {
    let manager = references::of_body(&exchange.object()?)?;
    let manager = tenant.manager_for(Some(id), &manager)?;
    tenant.users.change(id, |user| user.manager = Some(manager));
    tenant.changes.note(id);
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{id}/manager/$ref`: 204.
fn clear_manager(tenant: &mut Tenant, id: Guid) -> ResponseOrRefusal {
    if tenant.users.get(id).is_none_or(|user| user.manager.is_none()) {
        return Err(Refusal::absent("manager"));
    }
    tenant.users.change(id, |user| user.manager = None);
    tenant.changes.note(id);
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// Checks that a group can have `target` among its members or owners. Sources: "Add owners", and
/// "Add members", the table of members by the type of the group.
fn check_target(
    (id, is_unified): (Option<Guid>, bool),
    relation: Relation,
    target: Object<'_>,
) -> Result<(), Refusal> {
    let fits = match target {
        Object::User(_) => true,
        Object::Group(group) => {
            relation == Relation::Members && !is_unified && !group.unified && Some(group.id) != id
        }
    };
    if fits { Ok(()) } else { Err(invalid_target(target, relation)) }
}

fn invalid_target(target: Object<'_>, relation: Relation) -> Refusal {
    Refusal::invalid_target(target.id(), target.kind().resource(), relation.name())
}

impl Tenant {
    /// Returns the members or the owners of a group, to change them.
    fn list(&mut self, group: Guid, relation: Relation) -> Option<&mut BTreeSet<Guid>> {
        let group = self.groups.get_mut(group)?;
        Some(if relation == Relation::Owners { &mut group.owners } else { &mut group.members })
    }

    /// Returns the objects that the body of a group binds as its members or owners. `id` is that of
    /// an existing group.
    pub(super) fn bound(
        &self,
        body: &Map<String, Value>,
        relation: Relation,
        (id, is_unified): (Option<Guid>, bool),
    ) -> Result<Vec<Guid>, Refusal> {
        let references = references::many(body, &format!("{}@odata.bind", relation.name()))?;
        let target = |reference: &Reference| {
            let target = self.referenced(reference)?;
            check_target((id, is_unified), relation, target)?;
            Ok(target.id())
        };
        references.iter().map(target).collect()
    }

    /// Checks that `manager` can be the manager of the user `id`; `None` for a new user.
    pub(super) fn manager_for(
        &self,
        id: Option<Guid>,
        manager: &Reference,
    ) -> Result<Guid, Refusal> {
        let manager = self.referenced(manager)?;
        match manager.kind() == Type::User && Some(manager.id()) != id {
            true => Ok(manager.id()),
            false => Err(invalid_target(manager, Relation::Manager)),
        }
    }
}
