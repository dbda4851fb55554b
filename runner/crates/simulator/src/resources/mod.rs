//! What the paths lead to, one file per resource.
//!
//! - `accounts`: creating, changing and deleting users
//! - `directory`: the tenant itself and its domains
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

use super::exchange::{Exchange, ResponseOrRefusal};
use super::lag::UserView;
use super::refusal::Refusal;
use super::route::{Key, Operation, Target};
use super::tenant::Tenant;

/// Answers one operation.
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
        // A batch is taken apart before its items come here.
        (Target::Batch, _) => Err(Refusal::malformed("Invalid batch payload format.")),
    }
}

/// The object id or user principal name that a path names.
fn named<'a>(exchange: &'a Exchange<'_>, key: &'a Key) -> Result<&'a str, Refusal> {
    match key {
        Key::Of(key) => Ok(key),
        Key::Me => exchange.caller.user.as_deref().ok_or_else(|| {
            Refusal::malformed("/me request is only valid with delegated authentication flow.")
        }),
    }
}

/// Looks at the user that a path names.
fn look(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    key: &Key,
) -> Result<(UserView, String), Refusal> {
    let name = named(exchange, key)?.to_owned();
    Ok((tenant.look(&name), name))
}
