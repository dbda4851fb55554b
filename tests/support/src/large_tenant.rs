//! A tenant of any size that is made up as it is read.

use bytes::Bytes;
use runner::egress::{EgressError, EgressStack, Request, whole};
use serde_json::{Value, json};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::library::ROOT;

/// One user in this many has no licence.
pub const UNLICENSED: usize = 4;

/// A Graph whose tenant has `users` users.
pub fn tenant(users: usize) -> EgressStack {
    BoxCloneSyncService::new(service_fn(move |request: Request| async move {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes())
                .into_owned()
                .collect();
        let number = |name: &str| {
            query.iter().find(|(key, _)| key == name).map(|(_, value)| value.parse().unwrap())
        };
        let from = number("$skiptoken").unwrap_or(0);
        let to = users.min(from + number("$top").unwrap());
        Ok::<_, EgressError>(http::Response::new(whole(page(from, to, users))))
    }))
}

fn page(from: usize, to: usize, users: usize) -> Bytes {
    let value: Vec<Value> = (from..to).map(user).collect();
    let mut page = json!({ "@odata.context": format!("{ROOT}/$metadata#users"), "value": value });
    if to < users {
        let top = to - from;
        page["@odata.nextLink"] =
            format!("{ROOT}/users?$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates&$top={top}&$skiptoken={to}")
                .into();
    }
    serde_json::to_vec(&page).unwrap().into()
}

fn user(number: usize) -> Value {
    let licensed = !number.is_multiple_of(UNLICENSED);
    let services =
        ["exchange", "SharePoint", "MicrosoftCommunicationsOnline", "TeamspaceAPI", "To-Do"];
    let of_services = |make: fn(&str) -> Value| -> Vec<Value> {
        services.iter().filter(|_| licensed).map(|service| make(service)).collect()
    };
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"),
        "displayName": format!("Made-up Person {number}"),
        "mail": null,
        "userPrincipalName": format!("person{number}@contoso.onmicrosoft.com"),
        "assignedLicenses": if licensed {
            json!([{"disabledPlans": [], "skuId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06"}])
        } else {
            json!([])
        },
        "assignedPlans": of_services(|service| json!({
            "assignedDateTime": "2026-01-15T09:30:01Z", "capabilityStatus": "Enabled",
            "service": service, "servicePlanId": "efb87545-963c-4e0d-99df-69c6916d9eb0",
        })),
        "licenseAssignmentStates": states(number, licensed),
        "provisionedPlans": of_services(|service| json!({
            "capabilityStatus": "Enabled", "provisioningStatus": "Success", "service": service,
        })),
    })
}

/// A direct assignment, or one by a group, of which there are 500.
fn states(number: usize, licensed: bool) -> Value {
    let by_group = number.is_multiple_of(2);
    let group = by_group.then(|| format!("10000000-0000-4000-8000-{:012}", number % 500));
    let state = json!({
        "skuId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06", "assignedByGroup": group,
        "disabledPlans": [], "state": "Active", "error": "None",
        "lastUpdatedDateTime": "2026-01-15T09:30:01Z",
    });
    if licensed { json!([state]) } else { json!([]) }
}
