//! The tenant and its domains.

use serde_json::{Value, json};

use super::{collection, single};
use crate::exchange::{Exchange, ResponseOrRefusal};
use crate::odata::select;
use crate::refusal::Refusal;
use crate::tenant::{Domain, Tenant};

/// The services of a domain.
const SERVICES: [&str; 2] = ["Email", "OfficeCommunicationsOnline"];

/// The properties of the tenant. Source: the type `organization` of Graph v1.0's metadata, without
/// addresses and the properties of on-premises directories.
const ORGANIZATION: &str = "id deletedDateTime assignedPlans countryLetterCode createdDateTime \
    defaultUsageLocation displayName tenantType technicalNotificationMails verifiedDomains";

/// The properties of a domain. Source: as above, the type `domain`.
const DOMAIN: &str = "authenticationType availabilityStatus id isAdminManaged isDefault isInitial \
    isRoot isVerified passwordNotificationWindowInDays passwordValidityPeriodInDays \
    supportedServices";

/// `GET /organization`: a collection with one item.
pub fn organizations(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, ORGANIZATION.split(' '), "organization")?;
    let item = [organization_json(tenant)].into_iter();
    Ok(collection(exchange, "organization", item, names.as_deref()))
}

/// `GET /organization/{id}`.
pub fn organization(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, ORGANIZATION.split(' '), "organization")?;
    if !id.eq_ignore_ascii_case(&tenant.id.to_string()) {
        return Err(Refusal::absent(id));
    }
    Ok(single(exchange, "organization", organization_json(tenant), names.as_deref()))
}

/// `GET /domains`.
pub fn domains(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DOMAIN.split(' '), "domain")?;
    Ok(collection(exchange, "domains", tenant.domains.iter().map(domain_json), names.as_deref()))
}

/// `GET /domains/{id}`.
pub fn domain(tenant: &Tenant, exchange: &Exchange<'_>, name: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DOMAIN.split(' '), "domain")?;
    let found = tenant.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name));
    let domain = found.ok_or_else(|| Refusal::absent(name))?;
    Ok(single(exchange, "domains", domain_json(domain), names.as_deref()))
}

fn organization_json(tenant: &Tenant) -> Value {
    let verified: Vec<Value> =
        tenant.domains.iter().filter(|domain| domain.is_verified).map(verified).collect();
    json!({
        "id": tenant.id,
        "deletedDateTime": null,
        "assignedPlans": [],
        "countryLetterCode": null,
        "createdDateTime": null,
        "defaultUsageLocation": null,
        "displayName": tenant.display_name,
        "tenantType": "AAD",
        "technicalNotificationMails": [],
        "verifiedDomains": verified,
    })
}

fn verified(domain: &Domain) -> Value {
    json!({
        "capabilities": SERVICES.join(", "),
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": domain.authentication_type(),
    })
}

fn domain_json(domain: &Domain) -> Value {
    json!({
        "authenticationType": domain.authentication_type(),
        "availabilityStatus": null,
        "id": domain.name,
        "isAdminManaged": true,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": true,
        "isVerified": domain.is_verified,
        "passwordNotificationWindowInDays": null,
        "passwordValidityPeriodInDays": null,
        "supportedServices": if domain.is_verified { &SERVICES[..] } else { &[] },
    })
}
