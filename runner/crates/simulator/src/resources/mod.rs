//! The operations, one file per resource.
//!
//! - `accounts`: creating, changing and deleting users; `sessions`: their sign-ins; `invitations`
//! - `deleted`: deleted objects, their restoration and their end
//! - `directory`: the tenant and its domains
//! - `groups`: groups; `references`: their members and other references
//! - `licenses`: assigning licences, and their details; `group_licenses`: those by groups
//! - `mail`: sending mail
//! - `skus`: the subscriptions
//! - `users`: reading users; `listing`: collections; `delta`: their changes
//! - `objects`: objects of any type; `json`, `user_json` and `group_json` write one

pub mod accounts;
mod deleted;
mod delta;
mod directory;
mod group_json;
mod group_licenses;
mod groups;
mod invitations;
mod json;
mod licenses;
mod listing;
mod mail;
mod objects;
mod references;
mod sessions;
mod skus;
mod user_json;
mod users;

use serde_json::{Map, Value};

use super::exchange::{Exchange, Response, ResponseOrRefusal};
use super::lag::UserView;
use super::objects::Type;
use super::odata::select;
use super::refusal::Refusal;
use super::route::{GroupPart, Key, Operation, Target, UserPart};
use super::tenant::Tenant;

/// Executes an operation.
pub fn respond(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    operation: &Operation,
) -> ResponseOrRefusal {
    match (&operation.target, exchange.method.as_str()) {
        (Target::All(Type::Group), "POST") => groups::create(tenant, exchange),
        (Target::All(_), "POST") => accounts::create(tenant, exchange),
        (Target::All(kind), _) => listing::all(tenant, exchange, *kind),
        (Target::Count(kind), _) => listing::count_all(tenant, exchange, *kind),
        (Target::UserDelta, _) => delta::users(tenant, exchange),
        (Target::User(key, part), method) => of_user(tenant, exchange, method, key, part),
        (Target::Group(id, part), method) => of_group(tenant, exchange, method, id, *part),
        (Target::Related(owner, relation, view), _) => {
            references::respond(tenant, exchange, owner, *relation, view)
        }
        (Target::Object(id), _) => objects::get(tenant, exchange, id),
        (Target::ObjectsByIds, _) => objects::by_ids(tenant, exchange),
        (Target::Memberships(owner, query), _) => {
            objects::memberships(tenant, exchange, owner, *query)
        }
        (Target::Skus, _) => skus::list(tenant, exchange),
        (Target::Sku(id), _) => skus::get(tenant, exchange, id),
        (Target::Organizations, _) => directory::organizations(tenant, exchange),
        (Target::Organization(id), _) => directory::organization(tenant, exchange, id),
        (Target::Domains, _) => directory::domains(tenant, exchange),
        (Target::Domain(name), _) => directory::domain(tenant, exchange, name),
        (Target::DeletedItems(kind), _) => deleted::list(tenant, exchange, *kind),
        (Target::DeletedItem(id), "DELETE") => deleted::purge(tenant, id),
        (Target::DeletedItem(id), _) => deleted::get(tenant, exchange, id),
        (Target::Restore(id), _) => deleted::restore(tenant, exchange, id),
        (Target::Invitations, _) => invitations::create(tenant, exchange),
        // The simulator splits a batch before.
        (Target::Batch, _) => Err(Refusal::malformed("Invalid batch payload format.")),
    }
}

fn of_user(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    method: &str,
    key: &Key,
    part: &UserPart,
) -> ResponseOrRefusal {
    match (part, method) {
        (UserPart::Itself, "PATCH") => accounts::update(tenant, exchange, key),
        (UserPart::Itself, "DELETE") => accounts::delete(tenant, exchange, key),
        (UserPart::Itself, _) => users::get(tenant, exchange, key),
        (UserPart::AssignLicense, _) => licenses::assign(tenant, exchange, key),
        (UserPart::ReprocessLicenses, _) => group_licenses::reprocess(tenant, exchange, key),
        (UserPart::LicenseDetails, _) => licenses::details(tenant, exchange, key),
        (UserPart::LicenseDetail(id), _) => licenses::detail(tenant, exchange, key, id),
        (UserPart::SendMail, _) => mail::send(tenant, exchange, key),
        (UserPart::RevokeSessions, _) => sessions::revoke(tenant, exchange, key),
        (UserPart::ChangePassword, _) => sessions::change_password(tenant, exchange, key),
    }
}

fn of_group(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    method: &str,
    id: &str,
    part: GroupPart,
) -> ResponseOrRefusal {
    match (part, method) {
        (GroupPart::AssignLicense, _) => group_licenses::assign(tenant, exchange, id),
        (GroupPart::Itself, "PATCH") => groups::update(tenant, exchange, id),
        (GroupPart::Itself, "DELETE") => groups::delete(tenant, exchange, id),
        (GroupPart::Itself, _) => groups::get(tenant, exchange, id),
    }
}

/// Returns the object id or user principal name in a path.
fn named<'a>(exchange: &'a Exchange<'_>, key: &'a Key) -> Result<&'a str, Refusal> {
    match key {
        Key::Of(key) => Ok(key),
        Key::Me => exchange.caller.user.as_deref().ok_or_else(|| {
            Refusal::malformed("/me request is only valid with delegated authentication flow.")
        }),
    }
}

/// Returns a collection of at most one page, with the selected properties of its items.
fn collection(
    exchange: &Exchange<'_>,
    name: &str,
    items: impl Iterator<Item = Value>,
    selected: Option<&[&str]>,
) -> Response {
    let context = exchange.context(&format!("{name}{}", select::in_context(selected)));
    let value = items.map(|item| select::only(item, selected)).collect();
    Response::json(Map::from_iter([context, ("value".to_owned(), value)]))
}

/// Returns one item of a collection, with its selected properties.
fn single(exchange: &Exchange<'_>, name: &str, item: Value, selected: Option<&[&str]>) -> Response {
    let context = exchange.context(&format!("{name}{}/$entity", select::in_context(selected)));
    let mut body = Map::from_iter([context]);
    if let Value::Object(item) = select::only(item, selected) {
        body.extend(item);
    }
    Response::json(body)
}

/// Reads the user in a path.
fn look(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    key: &Key,
) -> Result<(UserView, String), Refusal> {
    let name = named(exchange, key)?.to_owned();
    Ok((tenant.look(&name), name))
}
