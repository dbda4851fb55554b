//! A tenant of any size that is made up as it is read, and runs against it through the
//! library, without a network and without a recording.

use std::time::Duration;

use bytes::Bytes;
use runner::connections::{Access, Connection, Lent};
use runner::egress::authority::Authority;
use runner::egress::ledger::Ledger;
use runner::egress::{EgressError, Request, WayOut, whole};
use runner::sandbox::{COMPONENT, Clock, Ended, Guest, Limits, Run, Sandbox};
use runner::values;
use serde_json::{Value, json};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

const ROOT: &str = "https://graph.microsoft.com/v1.0";

/// One user in this many has no licence.
pub const UNLICENSED: usize = 4;

/// A sandbox with the connector in it.
pub struct Host {
    sandbox: Sandbox,
    guest: Guest,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    pub fn new() -> Self {
        let sandbox = Sandbox::new(1).unwrap();
        let guest = Guest::load(&sandbox, COMPONENT).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { sandbox, guest, runtime }
    }

    /// Runs `action` on a tenant of `users` users, with `memory` bytes at most.
    pub fn run(&self, action: &str, input: Value, users: usize, memory: usize) -> Ended {
        let action = self.guest.action(action).unwrap();
        let authority = Authority {
            action: action.name.clone(),
            calls: vec!["GET /users".parse().unwrap()],
            graph_url: Some(ROOT.parse().unwrap()),
        };
        let run = Run {
            action,
            input: values::from_json(&input, &action.input).unwrap(),
            lent: Lent(Some(("contoso".to_owned(), connection()))),
            way_out: authority.in_front_of(tenant(users)),
            clock: Clock::simulated(),
            ledger: Ledger::default(),
            limits: Limits { memory, time: Duration::from_secs(600), ..Limits::default() },
        };
        self.runtime.block_on(self.guest.run(&self.sandbox, run))
    }
}

fn connection() -> Connection {
    Connection {
        graph_url: ROOT.to_owned(),
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: None,
        access: Access::AppOnly,
        time_limit_ms: 600_000,
    }
}

fn tenant(users: usize) -> WayOut {
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
            format!("{ROOT}/users?$select=id,displayName,mail,userPrincipalName,assignedLicenses,assignedPlans,provisionedPlans&$top={top}&$skiptoken={to}")
                .into();
    }
    serde_json::to_vec(&page).unwrap().into()
}

fn user(number: usize) -> Value {
    let licensed = number % UNLICENSED != 0;
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
        "provisionedPlans": of_services(|service| json!({
            "capabilityStatus": "Enabled", "provisioningStatus": "Success", "service": service,
        })),
    })
}
