//! The tenant itself and its domains.

use serde_json::{Map, Value, json};

use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::odata::select;
use crate::tenant::{Domain, Tenant};

/// The services of a domain.
const SERVICES: [&str; 2] = ["Email", "OfficeCommunicationsOnline"];

/// The properties of the tenant. Source: the type `organization` of Graph v1.0's metadata,
/// less addresses and what only on-premises directories have.
const ORGANIZATION: [&str; 10] = [
    "id",
    "deletedDateTime",
    "assignedPlans",
    "countryLetterCode",
    "createdDateTime",
    "defaultUsageLocation",
    "displayName",
    "tenantType",
    "technicalNotificationMails",
    "verifiedDomains",
];

/// The properties of a domain. Source: as above, the type `domain`.
const DOMAIN: [&str; 11] = [
    "authenticationType",
    "availabilityStatus",
    "id",
    "isAdminManaged",
    "isDefault",
    "isInitial",
    "isRoot",
    "isVerified",
    "passwordNotificationWindowInDays",
    "passwordValidityPeriodInDays",
    "supportedServices",
];

/// `GET /organization`: a collection of exactly one.
pub fn organization(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(exchange.query.get("$select"), &ORGANIZATION, "organization")?;
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
    Ok(collection(exchange, "organization", vec![organization], names.as_deref()))
}

/// `GET /domains`.
pub fn domains(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(exchange.query.get("$select"), &DOMAIN, "domain")?;
    let domains = tenant.domains.iter().map(domain).collect();
    Ok(collection(exchange, "domains", domains, names.as_deref()))
}

fn collection(
    exchange: &Exchange<'_>,
    name: &str,
    items: Vec<Value>,
    names: Option<&[&str]>,
) -> Response {
    let context = select::in_context(names);
    let value: Vec<Value> = items.into_iter().map(|item| select::only(item, names)).collect();
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        format!("{}/$metadata#{name}{context}", exchange.base).into(),
    );
    body.insert("value".to_owned(), value.into());
    Response::json(body)
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
