//! Whether the tenant responds, and whether it is the one that the connection names: by one
//! of its domains or by its id.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding::{failed, passed, warning};
use crate::bindings::connector::office365::types::Who;
use crate::bindings::exports::connector::office365::diagnostics::{Check, Finding};
use crate::graph::organization::{Domain, Organization};
use crate::input::ids;

/// How many of the tenant's domains a finding names at most.
const NAMED: usize = 5;

/// The tenant responded with `organization`.
pub fn answered(organization: &Organization) -> Finding {
    let name = organization.display_name.as_deref().unwrap_or("without a name");
    let message = format!("The tenant {name} (id {}) answers.", organization.id);
    passed(Check::Tenant, message)
}

/// Checks that `tenant`, the connection's, is a verified domain of `organization`, or its id.
/// New users get their names in the domain.
pub fn domain(organization: &Organization, tenant: &str) -> Finding {
    if ids::is_guid(tenant) { by_id(organization, tenant) } else { by_domain(organization, tenant) }
}

fn by_id(organization: &Organization, id: &str) -> Finding {
    if organization.id.eq_ignore_ascii_case(id) {
        return warning(
            Check::Domain,
            "The connection names the tenant by its id, so there is no domain for the names of new users: create-user will not work.",
            "Set the connection's tenant to one of the tenant's verified domains where users are created.",
            Who::TenantAdmin,
        );
    }
    failed(
        Check::Domain,
        format!("The tenant that answers is not {id}, the connection's, but {}.", organization.id),
        "Set the connection's tenant to the id or a verified domain of the tenant that is meant.",
        Who::TenantAdmin,
    )
}

fn by_domain(organization: &Organization, domain: &str) -> Finding {
    let verified = &organization.verified_domains;
    match verified.iter().find(|known| known.name.eq_ignore_ascii_case(domain)) {
        Some(known) if known.is_federated => return federated(domain),
        Some(_) => {
            let message = format!("The domain {domain} is a verified domain of the tenant.");
            return passed(Check::Domain, message);
        }
        None => {}
    }
    let has = match verified.as_slice() {
        [] => "Graph shows none".to_owned(),
        some => format!("those are {}", named(some)),
    };
    failed(
        Check::Domain,
        format!("The domain {domain} is not a verified domain of the tenant; {has}."),
        "Set the connection's tenant to one of the tenant's verified domains, or verify the domain in the tenant.",
        Who::TenantAdmin,
    )
}

fn federated(domain: &str) -> Finding {
    warning(
        Check::Domain,
        format!(
            "The domain {domain} is federated: another identity provider signs its users in, and Entra does not create users in it: create-user will not work."
        ),
        "Set the connection's tenant to a managed domain where users are created, such as the tenant's onmicrosoft.com domain.",
        Who::TenantAdmin,
    )
}

fn named(domains: &[Domain]) -> String {
    let first: Vec<&str> = domains.iter().take(NAMED).map(|domain| domain.name.as_str()).collect();
    match domains.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
