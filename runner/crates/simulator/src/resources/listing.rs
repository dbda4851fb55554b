//! Collections of objects of the directory, in pages.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::json::Shape;
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::objects::{Object, Type};
use crate::odata::filter::Filter;
use crate::odata::order::Order;
use crate::odata::paging::{self, Position};
use crate::odata::search::Search;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// The options of a listing.
const OPTIONS: [&str; 8] =
    ["$select", "$filter", "$top", "$count", "$orderby", "$skiptoken", "$search", "$expand"];

/// A collection of objects.
pub struct Collection<'a> {
    /// The type of the objects.
    pub kind: Type,
    /// The path below the version root.
    pub path: String,
    /// The ids; `None` for all objects of the type.
    pub ids: Option<&'a BTreeSet<Guid>>,
}

/// The conditions of a query.
pub struct Conditions {
    filter: Option<Filter>,
    search: Option<Search>,
}

/// `GET /users` and `GET /groups`.
pub fn all(tenant: &Tenant, exchange: &Exchange<'_>, kind: Type) -> ResponseOrRefusal {
    list(tenant, exchange, &Collection { kind, path: kind.collection().to_owned(), ids: None })
}

/// `GET /users/$count` and `GET /groups/$count`.
pub fn count_all(tenant: &Tenant, exchange: &Exchange<'_>, kind: Type) -> ResponseOrRefusal {
    count(tenant, exchange, &Collection { kind, path: String::new(), ids: None })
}

/// Lists a collection.
pub fn list(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    collection: &Collection<'_>,
) -> ResponseOrRefusal {
    let Exchange { query, eventual, .. } = exchange;
    query.only(&OPTIONS)?;
    let kind = collection.kind;
    let advanced = *eventual && query.counts();
    let shape = Shape::of(tenant, exchange, kind)?;
    if advanced && !shape.expand.is_empty() {
        // Source: "Advanced query capabilities on Microsoft Entra ID objects".
        return Err(Refusal::unsupported("$expand is not supported with advanced queries."));
    }
    let size = paging::size(query)?;
    let conditions = Conditions::of(exchange, kind, advanced)?;
    let order = order(exchange, kind, advanced)?;
    let position = Position::of(query)?;
    let wanted = |object: &Object<'_>| conditions.hold(*object);
    let (page, more) = match order {
        None => {
            let rest = collection.after(tenant, position.as_ref().map(|last| last.id));
            page(rest.filter(wanted), size)
        }
        Some(order) => {
            let all = collection.after(tenant, None).filter(wanted);
            sorted(all, position.as_ref(), size, order)
        }
    };
    let context = format!("{}{}", kind.collection(), shape.in_context());
    let mut body = Map::from_iter([exchange.context(&context)]);
    // Without the header the option is ignored; further pages never have a count.
    if query.counts() && *eventual && position.is_none() {
        let count = collection.after(tenant, None).filter(wanted).count();
        body.insert("@odata.count".to_owned(), count.into());
    }
    if let (true, Some(last)) = (more, page.last()) {
        let position = Position { id: last.id(), key: order.map(|order| order.key(*last)) };
        let query = query.with_token("$skiptoken", &position.token());
        let link = format!("{}/{}?{query}", exchange.base, collection.path);
        body.insert("@odata.nextLink".to_owned(), link.into());
    }
    let typed = kind == Type::Any;
    let objects: Vec<Value> =
        page.into_iter().map(|object| tenant.object_json(object, &shape, typed).into()).collect();
    body.insert("value".to_owned(), objects.into());
    Ok(Response::json(body))
}

/// Counts a collection.
pub fn count(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    collection: &Collection<'_>,
) -> ResponseOrRefusal {
    exchange.query.only(&["$filter", "$search"])?;
    if !exchange.eventual {
        return Err(Refusal::bad("$count is not currently supported."));
    }
    let conditions = Conditions::of(exchange, collection.kind, true)?;
    let all = collection.after(tenant, None);
    Ok(Response::text(all.filter(|object| conditions.hold(*object)).count().to_string()))
}

impl Collection<'_> {
    /// Returns the objects whose ids follow `id`, in the order of ids.
    fn after<'a>(
        &'a self,
        tenant: &'a Tenant,
        id: Option<Guid>,
    ) -> Box<dyn Iterator<Item = Object<'a>> + 'a> {
        let kind = self.kind;
        match (self.ids, kind) {
            (Some(ids), _) => {
                let rest = ids.iter().filter(move |own| id.is_none_or(|id| **own > id));
                let objects = rest.filter_map(|id| tenant.object(*id));
                Box::new(objects.filter(move |own| kind == Type::Any || own.kind() == kind))
            }
            (None, Type::Group) => Box::new(tenant.groups.after(id).map(Object::Group)),
            (None, _) => {
                let listed = tenant.users.after(id).filter(|user| tenant.is_listed(user));
                Box::new(listed.map(Object::User))
            }
        }
    }
}

impl Conditions {
    /// Reads the options of a query on objects of the type `kind`.
    pub fn of(exchange: &Exchange<'_>, kind: Type, advanced: bool) -> Result<Self, Refusal> {
        let option = exchange.query.get("$filter");
        let filter = option.map(|option| Filter::parse(option, kind, advanced)).transpose()?;
        Ok(Self { filter, search: Search::of(&exchange.query, kind, exchange.eventual)? })
    }

    /// Returns whether the query is for `object`.
    pub fn hold(&self, object: Object<'_>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(object))
            && self.search.as_ref().is_none_or(|search| search.finds(object))
    }
}

fn order(exchange: &Exchange<'_>, kind: Type, advanced: bool) -> Result<Option<Order>, Refusal> {
    let query = &exchange.query;
    let Some(option) = query.get("$orderby") else { return Ok(None) };
    // Source: "List users".
    if query.get("$filter").is_some() && !advanced {
        return Err(Refusal::unsupported("Sorting not supported for current query."));
    }
    Order::parse(option, kind, advanced).map(Some)
}

/// Returns the first objects, and whether another follows.
fn page<'t>(mut rest: impl Iterator<Item = Object<'t>>, size: usize) -> (Vec<Object<'t>>, bool) {
    let page = rest.by_ref().take(size).collect();
    (page, rest.next().is_some())
}

fn sorted<'t>(
    all: impl Iterator<Item = Object<'t>>,
    position: Option<&Position>,
    size: usize,
    order: Order,
) -> (Vec<Object<'t>>, bool) {
    let mut objects: Vec<(String, Object<'t>)> =
        all.map(|object| (order.key(object), object)).collect();
    objects.sort_by(|(a, one), (b, other)| (a, one.id()).cmp(&(b, other.id())));
    if order.descending {
        objects.reverse();
    }
    let is_behind = |(key, object): &(String, Object<'_>)| {
        let Some(Position { id, key: Some(last) }) = position else { return true };
        let after = (key, object.id()).cmp(&(last, *id));
        if order.descending { after.is_lt() } else { after.is_gt() }
    };
    page(objects.into_iter().filter(is_behind).map(|(_, object)| object), size)
}
