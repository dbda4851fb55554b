//! The state of a tenant that a fixture assumes, read off its answers.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use runner::contract::{Call, Policy};
use runner::simulator::tenant::{License, Sku, User};
use runner::simulator::{AssignedPlan, Caller, Guid, Plans, ProvisionedPlan, Tenant, Time};
use serde_json::{Value, json};

use crate::graph::{Graph, ROOT};
use support::Fixture;

/// The signed-in user of a delegated connection that names no sender.
const SIGNED_IN: &str = "anna@contoso.onmicrosoft.com";

/// The body of a recorded answer.
pub fn body(entry: &Value) -> Value {
    let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn status(entry: &Value) -> u64 {
    entry["response"]["status"].as_u64().unwrap()
}

fn path(entry: &Value) -> &str {
    let url = entry["request"]["url"].as_str().unwrap();
    url.strip_prefix(ROOT).unwrap().split('?').next().unwrap()
}

fn message(entry: &Value) -> String {
    body(entry)["error"]["message"].as_str().unwrap_or_default().to_owned()
}

/// For each exchange whether it is a fault: nothing that a tenant decides on.
pub fn faults(fixture: &Fixture) -> Vec<bool> {
    let mut created: BTreeSet<String> = BTreeSet::new();
    let mut entries = fixture.entries.iter();
    std::iter::from_fn(|| Some((entries.next()?, entries.as_slice())))
        .map(|(entry, later)| {
            if status(entry) == 201 {
                created.insert(body(entry)["id"].as_str().unwrap().to_owned());
            }
            let error = body(entry)["error"]["code"].as_str().unwrap_or_default().to_owned();
            let about_new = created.iter().any(|id| path(entry).contains(id.as_str()));
            let lags = about_new
                && (status(entry) == 404 || message(entry).contains("invalid usage location"));
            // A copy that does not show yet what is shown when it is asked again.
            let same = |other: &&Value| other["request"]["url"] == entry["request"]["url"];
            let again = later.iter().find(|other| status(other) == 200).filter(same);
            let stale = entry["request"]["method"] == "GET"
                && again.is_some_and(|again| body(again) != body(entry));
            stale
                || matches!(status(entry), 0 | 401 | 429 | 502..=504)
                || error == "Directory_ExpiredPageToken"
                || lags
        })
        .collect()
}

/// A simulator in the state that the fixture begins with, asked by whom it was asked.
pub fn graph(fixture: &Fixture) -> Graph {
    let mut tenant = Tenant::built_in().unwrap();
    let built_in = std::mem::take(&mut tenant.skus);
    tenant.users = Default::default();
    for entry in fixture.entries.iter().filter(|entry| status(entry) == 200) {
        match path(entry) {
            "/subscribedSkus" if tenant.skus.is_empty() => {
                let listed = body(entry)["value"].as_array().unwrap().clone();
                tenant.skus = listed.iter().filter_map(|listed| sku(listed, &built_in)).collect();
            }
            "/organization" => organization(&mut tenant, &body(entry)["value"][0]),
            _ => {}
        }
    }
    for user in existing(fixture) {
        add(&mut tenant, user);
    }
    add_senders(fixture, &mut tenant);
    let caller = caller(fixture);
    Graph { caller, ..Graph::of(tenant) }
}

/// A subscription, unless Graph left something open that the simulator never does.
fn sku(listed: &Value, built_in: &[Sku]) -> Option<Sku> {
    let mut sku = listed.clone();
    let id = &listed["skuId"];
    let known = built_in.iter().find(|known| json!(known.sku_id) == *id);
    sku["servicePlans"] = match listed["servicePlans"].as_array() {
        Some(plans) => plans
            .iter()
            .map(|plan| {
                json!({
                    "servicePlanId": plan["servicePlanId"],
                    "servicePlanName": plan["servicePlanName"],
                    "appliesTo": plan["appliesTo"],
                    "provisioningStatus": plan["provisioningStatus"],
                    "service": plan["servicePlanName"],
                })
            })
            .collect(),
        None => known.map(|known| json!(known.service_plans)).unwrap_or_else(|| json!([])),
    };
    serde_json::from_value(sku).ok()
}

fn organization(tenant: &mut Tenant, listed: &Value) {
    tenant.id = listed["id"].as_str().unwrap().parse().unwrap();
    tenant.display_name = listed["displayName"].as_str().unwrap().to_owned();
    tenant.domains = listed["verifiedDomains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| {
            serde_json::from_value(json!({
                "name": domain["name"], "isDefault": domain["isDefault"],
                "isInitial": domain["isInitial"],
            }))
            .unwrap()
        })
        .collect();
}

/// The users whom the fixture reads, save for those that it creates.
fn existing(fixture: &Fixture) -> Vec<Value> {
    let created: Vec<Value> = fixture
        .entries
        .iter()
        .filter(|entry| status(entry) == 201)
        .map(|entry| body(entry)["id"].clone())
        .collect();
    let mut users: Vec<Value> = listed(fixture);
    for entry in fixture.entries.iter().filter(|entry| status(entry) == 200) {
        let body = body(entry);
        let is_user = path(entry) == "/me" || path(entry).starts_with("/users/");
        if is_user && entry["request"]["method"] == "GET" && !created.contains(&body["id"]) {
            users.push(body);
        }
    }
    users
}

/// The users on the pages of the fixture.
pub fn listed(fixture: &Fixture) -> Vec<Value> {
    let pages =
        fixture.entries.iter().filter(|entry| path(entry) == "/users" && status(entry) == 200);
    let users: BTreeMap<String, Value> = pages
        .flat_map(|entry| body(entry)["value"].as_array().unwrap().clone())
        .map(|user| (user["id"].to_string(), user))
        .collect();
    users.into_values().collect()
}

fn add(tenant: &mut Tenant, shown: Value) {
    let name = shown["userPrincipalName"].as_str().unwrap().to_owned();
    let date =
        |value: &Value| -> Time { serde_json::from_value(value.clone()).unwrap_or(tenant.time) };
    let list = |name: &str| shown[name].as_array().cloned().unwrap_or_default();
    let assigned: Vec<AssignedPlan> = list("assignedPlans")
        .into_iter()
        .map(|plan| serde_json::from_value(plan).unwrap())
        .collect();
    let provisioned: Vec<ProvisionedPlan> = list("provisionedPlans")
        .into_iter()
        .map(|plan| serde_json::from_value(plan).unwrap())
        .collect();
    let text = |name: &str| shown[name].as_str().map(Into::into);
    // Graph shows the assignments only where they are selected.
    let shows = |name: &str| shown[name].is_array();
    let name_of_licenses =
        ["licenseAssignmentStates", "assignedLicenses"].into_iter().find(|name| shows(name));
    let licenses = list(name_of_licenses.unwrap_or_default()).into_iter().map(|license| License {
        assigned_by_group: serde_json::from_value(license["assignedByGroup"].clone()).unwrap(),
        error: serde_json::from_value(license["error"].clone()).ok(),
        ..License::direct(
            serde_json::from_value(license["skuId"].clone()).unwrap(),
            serde_json::from_value(license["disabledPlans"].clone()).unwrap(),
            tenant.time,
        )
    });
    let id = shown["id"].as_str().unwrap().parse().unwrap();
    let display_name = shown["displayName"].as_str().unwrap_or_default();
    let nickname = name.split('@').next().unwrap();
    let created = date(&shown["createdDateTime"]);
    let user = User {
        mail: text("mail"),
        usage_location: text("usageLocation"),
        account_enabled: shown["accountEnabled"].as_bool().unwrap_or(true),
        guest: name.contains("#EXT#"),
        licenses: licenses.collect(),
        plans: Some(Box::new(Plans { assigned, provisioned })),
        ..User::new(id, name.as_str(), display_name, nickname, created)
    };
    // One user may be shown twice; the first time counts.
    let _ = tenant.users.insert(user);
}

/// A user of whom only the name matters.
fn add_named(tenant: &mut Tenant, name: &str, mailbox: bool) {
    add(
        tenant,
        json!({"id": Guid::of(&[name.as_bytes()]), "userPrincipalName": name, "displayName": name}),
    );
    let id = tenant.users.find(name).unwrap();
    tenant.users.change(id, |user| user.shared_mailbox = mailbox);
}

/// The mailboxes that the fixture sends from, and the users that it deletes or that are in
/// its way.
fn add_senders(fixture: &Fixture, tenant: &mut Tenant) {
    let mut deleted_after_fault = false;
    for (entry, fault) in fixture.entries.iter().zip(faults(fixture)) {
        let segments: Vec<&str> = path(entry).split('/').skip(1).collect();
        let code = body(entry)["error"]["code"].as_str().unwrap_or_default().to_owned();
        match segments.as_slice() {
            [of @ .., "sendMail"] => {
                let name = of.get(1).copied().unwrap_or_else(|| signed_in(fixture));
                let mailbox = !matches!(&*code, "MailboxNotEnabledForRESTAPI" | "ResourceNotFound");
                if code != "ErrorInvalidUser" {
                    add_named(tenant, name, mailbox);
                }
            }
            ["users", name] if entry["request"]["method"] == "DELETE" && name.contains('@') => {
                let name = percent_decode_str(name).decode_utf8().unwrap();
                deleted_after_fault |= fault;
                if status(entry) != 404 && !deleted_after_fault {
                    add_named(tenant, &name, false);
                }
            }
            ["users"] if message(entry).contains("already exists") => {
                let text = entry["request"]["postData"]["text"].as_str().unwrap();
                let request: Value = serde_json::from_str(text).unwrap();
                add_named(tenant, request["userPrincipalName"].as_str().unwrap(), false);
            }
            _ => {}
        }
    }
}

fn signed_in(fixture: &Fixture) -> &str {
    fixture.run["connection"]["sender"].as_str().unwrap_or(SIGNED_IN)
}

/// Who asks: where something is denied, with the permissions of what is not.
fn caller(fixture: &Fixture) -> Caller {
    let me = fixture.entries.iter().find(|entry| path(entry) == "/me" && status(entry) == 200);
    let me = me.map(|entry| body(entry)["userPrincipalName"].as_str().unwrap().to_owned());
    let delegated = fixture.run["connection"]["access"] == "delegated";
    let caller = if delegated {
        Caller::signed_in(me.unwrap_or_else(|| signed_in(fixture).to_owned()))
    } else {
        Caller::application()
    };
    let policy = Policy::embedded().unwrap();
    let (mut denied, mut allowed) = (BTreeSet::new(), BTreeSet::new());
    for entry in &fixture.entries {
        let code = body(entry)["error"]["code"].as_str().unwrap_or_default().to_owned();
        let names = permissions(&policy, entry, delegated);
        match &*code {
            "Authorization_RequestDenied" | "ErrorAccessDenied" => denied.extend(names),
            _ => allowed.extend(names),
        }
    }
    if denied.is_empty() {
        return caller;
    }
    let granted: Vec<String> = allowed.difference(&denied).cloned().collect();
    caller.granted(policy, granted)
}

fn permissions(policy: &Policy, entry: &Value, delegated: bool) -> Vec<String> {
    let path = path(entry);
    let segments: Vec<&str> = path.split('/').collect();
    let path = match segments.as_slice() {
        [root, "users", _, rest @ ..] => [&[*root, "users", "{id}"], rest].concat().join("/"),
        _ => path.to_owned(),
    };
    let call: Call =
        format!("{} {path}", entry["request"]["method"].as_str().unwrap()).parse().unwrap();
    let of = policy.permissions(&call).unwrap();
    if delegated { of.delegated.clone() } else { of.application.clone() }
}

/// What happens in the tenant before an exchange, by others than the run.
pub fn before(graph: &Graph, entry: &Value) {
    let message = message(entry);
    let text = entry["request"]["postData"]["text"].as_str().unwrap_or_default();
    let added = serde_json::from_str::<Value>(text).ok().and_then(|body| {
        body["addLicenses"][0]["skuId"].as_str().and_then(|id| id.parse::<Guid>().ok())
    });
    graph.simulator.change(|tenant| {
        let sku = tenant.skus.iter_mut().find(|sku| Some(sku.sku_id) == added);
        if message.contains("does not have any available licenses") {
            let sku = sku.unwrap();
            sku.consumed_units = sku.prepaid_units.enabled + sku.prepaid_units.warning;
        } else if message.contains("mutually exclusive") {
            let plans: Vec<Guid> =
                message.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
            let mut brought = sku.unwrap().clone();
            for plan in &mut brought.service_plans {
                plan.service_plan_id = plans[1];
            }
            let owner = tenant.users.iter().next().unwrap().licenses[0].sku_id;
            let mut other = brought.clone();
            other.sku_id = owner;
            for plan in &mut other.service_plans {
                plan.service_plan_id = plans[0];
            }
            tenant.skus = vec![brought, other];
            tenant.exclusive_plans = vec![plans];
        } else if message.contains("domain portion") {
            for domain in &mut tenant.domains {
                domain.is_verified = false;
            }
        } else if let (200, Some(sku)) = (status(entry), sku) {
            // Plans that are switched off are plans of the licence.
            let known = Tenant::built_in().unwrap();
            let same = known.skus.iter().find(|known| known.sku_id == sku.sku_id);
            if let Some(same) = same {
                sku.service_plans = same.service_plans.clone();
            }
            let body: Value = serde_json::from_str(text).unwrap();
            for off in body["addLicenses"][0]["disabledPlans"].as_array().unwrap() {
                let known =
                    sku.service_plans.iter().any(|plan| json!(plan.service_plan_id) == *off);
                if !known {
                    let mut plan = sku.service_plans[0].clone();
                    plan.service_plan_id = serde_json::from_value(off.clone()).unwrap();
                    sku.service_plans.push(plan);
                }
            }
        }
    });
}

/// Whether both have items of the same properties, or none.
pub fn same_shape(recorded: &Value, given: &Value, at: &str) -> Result<(), String> {
    let keys = |list: &Value| -> BTreeSet<String> {
        let items = list.as_array().into_iter().flatten().filter_map(Value::as_object);
        items.flat_map(|item| item.keys().cloned()).collect()
    };
    let (recorded, given) = (keys(recorded), keys(given));
    if recorded.is_empty() || recorded == given {
        return Ok(());
    }
    Err(format!("{at} has items with {given:?}, and with {recorded:?} recorded"))
}
