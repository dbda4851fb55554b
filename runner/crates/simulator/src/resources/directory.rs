//! The tenant and its domains.

use serde_json::{Value, json};

use super::{collection, single};
use crate::exchange::{Exchange, ResponseOrRefusal};
use crate::odata::select;
use crate::refusal::Refusal;
use crate::tenant::{Domain, Tenant};

/// The services of a domain.
const SERVICES: [&str; 2] = ["Email", "OfficeCommunicationsOnline"];

/// The properties of the tenant. Source: the type `organization` of Graph v1.0's metadata.
const ORGANIZATION: &str = "id deletedDateTime assignedPlans countryLetterCode createdDateTime \
    defaultUsageLocation displayName tenantType technicalNotificationMails verifiedDomains";

/// Those that are null or empty, and shown where they are selected. Source: as above.
const ORGANIZATION_OTHERS: &str = "businessPhones city country marketingNotificationEmails \
    mobileDeviceManagementAuthority onPremisesLastSyncDateTime onPremisesSyncEnabled \
    partnerTenantType postalCode preferredLanguage privacyProfile provisionedPlans \
    securityComplianceNotificationMails securityComplianceNotificationPhones state street";

/// The lists among them.
const LISTS: [&str; 5] = [
    "businessPhones",
    "marketingNotificationEmails",
    "provisionedPlans",
    "securityComplianceNotificationMails",
    "securityComplianceNotificationPhones",
];

/// The properties of a domain. Source: as above, the type `domain`.
const DOMAIN: &str = "authenticationType availabilityStatus id isAdminManaged isDefault isInitial \
    isRoot isVerified manufacturer model passwordNotificationWindowInDays \
    passwordValidityPeriodInDays state supportedServices";

/// `GET /organization`: a collection with one item.
pub fn organizations(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = organization_select(exchange)?;
    let item = [organization_json(tenant, names.is_some())].into_iter();
    Ok(collection(exchange, "organization", item, names.as_deref()))
}

/// `GET /organization/{id}`.
pub fn organization(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = organization_select(exchange)?;
    if !id.eq_ignore_ascii_case(&tenant.id.to_string()) {
        return Err(Refusal::absent(id));
    }
    let item = organization_json(tenant, names.is_some());
    Ok(single(exchange, "organization", item, names.as_deref()))
}

/// `GET /domains`.
pub fn domains(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DOMAIN.split_whitespace(), "domain")?;
    Ok(collection(exchange, "domains", tenant.domains.iter().map(domain_json), names.as_deref()))
}

/// `GET /domains/{id}`.
pub fn domain(tenant: &Tenant, exchange: &Exchange<'_>, name: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DOMAIN.split_whitespace(), "domain")?;
    let found = tenant.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name));
    let domain = found.ok_or_else(|| Refusal::absent(name))?;
    Ok(single(exchange, "domains", domain_json(domain), names.as_deref()))
}

fn organization_select(exchange: &Exchange<'_>) -> Result<Option<Vec<&'static str>>, Refusal> {
    let known = ORGANIZATION.split_whitespace().chain(ORGANIZATION_OTHERS.split_whitespace());
    select::selected(&exchange.query, known, "organization")
}

/// Returns the tenant, with the properties without a value if they are wanted.
fn organization_json(tenant: &Tenant, with_others: bool) -> Value {
    let mut json = shown(tenant);
    if let (true, Value::Object(json)) = (with_others, &mut json) {
        for name in ORGANIZATION_OTHERS.split_whitespace() {
            let value = if LISTS.contains(&name) { json!([]) } else { Value::Null };
            json.insert(name.to_owned(), value);
        }
    }
    json
}

fn shown(tenant: &Tenant) -> Value {
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
