//! Reading users: one, the listing and its count, and the deleted ones.

use serde_json::{Map, Value};

use super::{collection, look};
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::lag::UserView;
use crate::odata::filter::Filter;
use crate::odata::order::Order;
use crate::odata::paging::{self, Position};
use crate::odata::select::{self, USER};
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{Tenant, User};

/// The options of a listing.
const OPTIONS: [&str; 6] = ["$select", "$filter", "$top", "$count", "$orderby", "$skiptoken"];

/// `GET /users/{id}` and `GET /me`.
pub fn get(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = user_select(exchange)?;
    let (seen, name) = look(tenant, exchange, key)?;
    let user = match &seen {
        UserView::Now(id) => tenant.users.get(*id),
        UserView::Before(user) => Some(&**user),
        UserView::Absent | UserView::NotReplicated => None,
    };
    let user = user.ok_or_else(|| Refusal::absent(&name))?;
    Ok(Response::json(entity(tenant, exchange, user, names.as_deref())))
}

/// `GET /users`.
pub fn list(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&OPTIONS)?;
    let names = user_select(exchange)?;
    let size = paging::size(&exchange.query)?;
    let filter = filter(exchange)?;
    let order = order(exchange)?;
    let position = Position::of(&exchange.query)?;
    let wanted = |user: &&User| {
        tenant.is_listed(user) && filter.as_ref().is_none_or(|filter| filter.holds(user))
    };
    let (page, more) = match order {
        None => by_id(tenant, position.as_ref(), wanted, size),
        Some(order) => sorted(tenant, position.as_ref(), wanted, size, order),
    };
    let context = format!("users{}", select::in_context(names.as_deref()));
    let mut body = Map::from_iter([exchange.context(&context)]);
    // Without the header the option is ignored; further pages never have a count.
    if exchange.query.counts() && exchange.eventual && position.is_none() {
        let count = tenant.users.iter().filter(wanted).count();
        body.insert("@odata.count".to_owned(), count.into());
    }
    if let (true, Some(last)) = (more, page.last()) {
        let position = Position { id: last.id, key: order.map(|order| order.key(last)) };
        let query = exchange.query.with_token(&position.token());
        body.insert(
            "@odata.nextLink".to_owned(),
            format!("{}/users?{query}", exchange.base).into(),
        );
    }
    let users: Vec<Value> =
        page.into_iter().map(|user| tenant.user_json(user, names.as_deref())).collect();
    body.insert("value".to_owned(), users.into());
    Ok(Response::json(body))
}

/// `GET /users/$count`.
pub fn count(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$filter"])?;
    if !exchange.eventual {
        return Err(Refusal::bad("$count is not currently supported."));
    }
    let option = exchange.query.get("$filter");
    let filter = option.map(|option| Filter::parse(option, true)).transpose()?;
    let wanted =
        |user: &&User| tenant.is_listed(user) && filter.as_ref().is_none_or(|f| f.holds(user));
    Ok(Response::text(tenant.users.iter().filter(wanted).count().to_string()))
}

/// `GET /directory/deletedItems/microsoft.graph.user`.
pub fn deleted(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = user_select(exchange)?;
    let users = tenant.deleted_users.iter().map(|deleted| {
        let mut json = tenant.user_json(&deleted.user, names.as_deref());
        if let Some(object) = json.as_object_mut() {
            let time = deleted.deleted_date_time.to_string();
            object.insert("deletedDateTime".to_owned(), time.into());
        }
        json
    });
    Ok(collection(exchange, "users", users, names.as_deref()))
}

/// Returns one user as the body of a response.
pub fn entity(
    tenant: &Tenant,
    exchange: &Exchange<'_>,
    user: &User,
    names: Option<&[&str]>,
) -> Map<String, Value> {
    let context = format!("users{}/$entity", select::in_context(names));
    let mut body = Map::from_iter([exchange.context(&context)]);
    if let Value::Object(user) = tenant.user_json(user, names) {
        body.extend(user);
    }
    body
}

fn user_select(exchange: &Exchange<'_>) -> Result<Option<Vec<&'static str>>, Refusal> {
    select::selected(&exchange.query, USER.iter().map(|(name, _)| *name), "user")
}

fn filter(exchange: &Exchange<'_>) -> Result<Option<Filter>, Refusal> {
    let advanced = exchange.eventual && exchange.query.counts();
    exchange.query.get("$filter").map(|option| Filter::parse(option, advanced)).transpose()
}

fn order(exchange: &Exchange<'_>) -> Result<Option<Order>, Refusal> {
    let query = &exchange.query;
    let Some(option) = query.get("$orderby") else { return Ok(None) };
    // Source: "List users".
    if query.get("$filter").is_some() && !(exchange.eventual && query.counts()) {
        return Err(Refusal::unsupported("Sorting not supported for current query."));
    }
    Order::parse(option).map(Some)
}

/// Returns the page after `position`, and whether another follows.
fn by_id<'a>(
    tenant: &'a Tenant,
    position: Option<&Position>,
    wanted: impl Fn(&&'a User) -> bool,
    size: usize,
) -> (Vec<&'a User>, bool) {
    let mut rest = tenant.users.after(position.map(|position| position.id)).filter(wanted);
    let page: Vec<&User> = rest.by_ref().take(size).collect();
    (page, rest.next().is_some())
}

fn sorted<'a>(
    tenant: &'a Tenant,
    position: Option<&Position>,
    wanted: impl Fn(&&'a User) -> bool,
    size: usize,
    order: Order,
) -> (Vec<&'a User>, bool) {
    let mut users: Vec<(String, &User)> =
        tenant.users.iter().filter(wanted).map(|user| (order.key(user), user)).collect();
    users.sort_by(|(a, one), (b, other)| (a, one.id).cmp(&(b, other.id)));
    if order.descending {
        users.reverse();
    }
    let is_behind = |(key, user): &(String, &User)| {
        let Some(Position { id, key: Some(last) }) = position else { return true };
        let after = (key, user.id).cmp(&(last, *id));
        if order.descending { after.is_lt() } else { after.is_gt() }
    };
    let mut rest = users.into_iter().filter(is_behind).map(|(_, user)| user);
    let page: Vec<&User> = rest.by_ref().take(size).collect();
    (page, rest.next().is_some())
}
