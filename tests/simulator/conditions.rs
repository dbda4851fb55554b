//! Permissions, throttling and replication lag.

use runner::contract::Policy;
use runner::simulator::{Caller, Limits, Tenant};
use serde_json::json;

use crate::graph::{E5, Graph};
use crate::users::zed;

#[test]
fn what_was_not_granted_is_denied() {
    let mut graph = Graph::new();
    let policy = Policy::embedded().unwrap();
    graph.caller = Caller::application().granted(policy, ["User.Read.All"]);
    assert_eq!(graph.get("/users").status, 200);
    assert_eq!(graph.get("/organization").status, 200);
    let denied =
        (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    assert_eq!(graph.post("/users", &zed()).refusal(), denied);
    assert_eq!(graph.get("/subscribedSkus").refusal(), denied);
    assert_eq!(graph.get("/domains").refusal(), denied);
    let path = "/users/anna@contoso.onmicrosoft.com";
    assert_eq!(graph.send("PATCH", path, &[], "{}").refusal(), denied);
    let mail = graph.post("/users/noreply@contoso.onmicrosoft.com/sendMail", &json!({}));
    assert_eq!(mail.refusal().1, "ErrorAccessDenied");
}

#[test]
fn resource_units_run_out_and_come_back() {
    let mut tenant = Tenant::built_in().unwrap();
    tenant.limits = Some(Limits { units: 100, writes: 2 });
    let mut graph = Graph::of(tenant);
    let first = graph.get("/users");
    assert_eq!(first.header("x-ms-resource-unit"), Some("2"));
    assert_eq!(first.header("x-ms-throttle-limit-percentage"), None);
    assert_eq!(graph.get("/users?$select=id&$top=5").header("x-ms-resource-unit"), Some("1"));
    let mut last = None;
    let refused = loop {
        let reply = graph.get("/subscribedSkus");
        match reply.status {
            200 => last = reply.header("x-ms-throttle-limit-percentage").map(ToOwned::to_owned),
            _ => break reply,
        }
    };
    assert_eq!(last.as_deref(), Some("0.99"));
    assert_eq!(refused.refusal().0, 429);
    assert_eq!(refused.header("x-ms-throttle-information"), Some("ResourceUnitLimitExceeded"));
    assert!(
        refused.header("x-ms-throttle-scope").unwrap().starts_with("Tenant_Application/ReadWrite/")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    graph.caller.app_id = "another".to_owned();
    assert_eq!(graph.get("/subscribedSkus").status, 200, "each application has its own");
    graph.caller = Caller::application();
    // Nobody is the wiser for having asked: the tenant's clock stands still.
    assert_eq!(graph.get("/subscribedSkus").status, 429);
    graph.seconds = 1;
    assert_eq!(graph.get("/subscribedSkus").status, 200);
}

#[test]
fn writes_have_a_limit_of_their_own() {
    let mut tenant = Tenant::built_in().unwrap();
    tenant.limits = Some(Limits { units: 100, writes: 2 });
    let graph = Graph::of(tenant);
    let delete = |name: &str| {
        graph.send("DELETE", &format!("/users/{name}@contoso.onmicrosoft.com"), &[], "")
    };
    assert_eq!((delete("anna").status, delete("bela").status), (204, 204));
    let refused = delete("carl");
    assert_eq!(refused.header("x-ms-throttle-information"), Some("WriteLimitExceeded"));
    assert_eq!(refused.header("retry-after"), Some("75"));
    assert_eq!(graph.get("/users/carl@contoso.onmicrosoft.com").status, 200);
}

#[test]
fn a_new_user_lags_behind_for_some_reads() {
    let mut tenant = Tenant::built_in().unwrap();
    tenant.lag = 2;
    let graph = Graph::of(tenant);
    let created = graph.post("/users", &zed());
    let user = format!("/users/{}", created.body["id"].as_str().unwrap());
    let license =
        json!({"addLicenses": [{"skuId": E5, "disabledPlans": []}], "removeLicenses": []});
    let listed = graph.get("/users?$filter=startswith(displayName,'Zed')");
    assert_eq!(listed.each("id").len(), 0);
    assert_eq!(graph.get(&user).refusal().1, "Request_ResourceNotFound");
    let early = graph.post(&format!("{user}/assignLicense"), &license);
    assert_eq!(
        early.refusal().2,
        "License assignment cannot be done for user with invalid usage location."
    );
    assert_eq!(graph.post(&format!("{user}/assignLicense"), &license).status, 200);
    let licenses = || {
        graph.get(&format!("{user}?$select=assignedLicenses")).body["assignedLicenses"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((licenses(), licenses(), licenses()), (0, 0, 1), "as before, for two reads");
}
