//! The tenant and its domains.

use serde_json::{Value, json};

use super::collection;
use crate::exchange::{Exchange, ResponseOrRefusal};
use crate::odata::select;
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
pub fn organization(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, ORGANIZATION.split(' '), "organization")?;
    let verified: Vec<Value> =
        tenant.domains.iter().filter(|domain| domain.is_verified).map(verified).collect();
    let organization = json!({
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
    });
    Ok(collection(exchange, "organization", [organization].into_iter(), names.as_deref()))
}

/// `GET /domains`.
pub fn domains(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DOMAIN.split(' '), "domain")?;
    Ok(collection(exchange, "domains", tenant.domains.iter().map(domain), names.as_deref()))
}

fn verified(domain: &Domain) -> Value {
    json!({
        "capabilities": SERVICES.join(", "),
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": "Managed",
    })
}

fn domain(domain: &Domain) -> Value {
    json!({
        "authenticationType": "Managed",
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
