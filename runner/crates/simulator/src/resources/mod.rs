//! The operations, one file per resource.
//!
//! - `accounts`: creating, changing and deleting users
//! - `directory`: the tenant and its domains
//! - `licenses`: assigning licences, and their details
//! - `mail`: sending mail
//! - `skus`: the subscriptions
//! - `users`: reading users; `user_json` writes one

pub mod accounts;
pub mod directory;
pub mod licenses;
pub mod mail;
pub mod skus;
mod user_json;
pub mod users;

use serde_json::{Map, Value};

use super::exchange::{Exchange, Response, ResponseOrRefusal};
use super::lag::UserView;
use super::odata::select;
use super::refusal::Refusal;
use super::route::{Key, Operation, Target};
use super::tenant::Tenant;

/// Executes an operation.
pub fn respond(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    operation: &Operation,
) -> ResponseOrRefusal {
    match (&operation.target, exchange.method.as_str()) {
        (Target::Users, "POST") => accounts::create(tenant, exchange),
        (Target::Users, _) => users::list(tenant, exchange),
        (Target::UserCount, _) => users::count(tenant, exchange),
        (Target::User(key), "PATCH") => accounts::update(tenant, exchange, key),
        (Target::User(key), "DELETE") => accounts::delete(tenant, exchange, key),
        (Target::User(key), _) => users::get(tenant, exchange, key),
        (Target::AssignLicense(key), _) => licenses::assign(tenant, exchange, key),
        (Target::LicenseDetails(key), _) => licenses::details(tenant, exchange, key),
        (Target::SendMail(key), _) => mail::send(tenant, exchange, key),
        (Target::Skus, _) => skus::list(tenant, exchange),
        (Target::Organization, _) => directory::organization(tenant, exchange),
        (Target::Domains, _) => directory::domains(tenant, exchange),
        (Target::DeletedUsers, _) => users::deleted(tenant, exchange),
        // The simulator splits a batch before.
        (Target::Batch, _) => Err(Refusal::malformed("Invalid batch payload format.")),
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

/// Reads the user in a path.
fn look(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    key: &Key,
) -> Result<(UserView, String), Refusal> {
    let name = named(exchange, key)?.to_owned();
    Ok((tenant.look(&name), name))
}
