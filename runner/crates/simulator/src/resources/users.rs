//! Reading a user.

use serde_json::{Map, Value};

use super::json::{self, Shape};
use super::look;
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::lag::UserView;
use crate::objects::{Object, Type};
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{Tenant, User};

/// `GET /users/{id}` and `GET /me`.
pub fn get(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    exchange.query.only(&["$select", "$expand"])?;
    let shape = Shape::of(tenant, exchange, Type::User)?;
    let (seen, name) = look(tenant, exchange, key)?;
    let user = match &seen {
        UserView::Now(id) => tenant.users.get(*id),
        UserView::Before(user) => Some(&**user),
        UserView::Absent | UserView::NotReplicated => None,
    };
    let user = user.ok_or_else(|| Refusal::absent(&name))?;
    Ok(Response::json(json::entity(tenant, exchange, Object::User(user), &shape, Type::User)))
}

/// Returns one user as the body of a response, with the default properties.
pub fn entity(tenant: &Tenant, exchange: &Exchange<'_>, user: &User) -> Map<String, Value> {
    json::entity(tenant, exchange, Object::User(user), &Shape::default(), Type::User)
}
