//! The actions, each on every kind of tenant on which it goes another way.

use std::time::Duration;

use runner::contract::Access;
use runner::recording::placeholders;
use runner::run::Host;
use runner::simulator::tenant::{Group, GroupLicense, License, LicenseError};
use runner::simulator::{Guid, Tenant};
use serde_json::{Value, json};

use support::faulted::Scenario;
use support::library::Outcome;

/// A licence of the built-in tenant with free seats, and one that is sold out.
pub const FREE: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const SOLD_OUT: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";

/// Users of the built-in tenant: without a licence, without a usage location too, and with
/// plans of a licence switched off.
const UNLICENSED: &str = "mona@contoso.onmicrosoft.com";
const PLACELESS: &str = "noreply@contoso.onmicrosoft.com";
const WITH_PLANS_OFF: &str = "gita@contoso.onmicrosoft.com";

/// How many users make two of the largest pages.
const TWO_PAGES: u32 = 1_000;

/// An action with its input, on a tenant.
pub struct Case {
    /// The action, and what is special about the tenant or the input.
    pub name: String,
    pub scenario: Scenario,
    /// Whether the tenant is the built-in one.
    pub built_in: bool,
}

impl Case {
    /// The user that the action is about, if it is about one.
    pub fn user(&self) -> Option<String> {
        let input = |name| self.scenario.input.get(name).and_then(Value::as_str);
        let new = || Some(format!("{}@{}", input("mailNickname")?, self.domain()));
        input("userPrincipalName").map(str::to_owned).or_else(new)
    }

    /// Whether a user is signed in, and not an application.
    pub fn is_signed_in(&self) -> bool {
        self.scenario.access == Access::Delegated
    }

    fn domain(&self) -> &str {
        self.scenario.tenant.initial_domain()
    }
}

/// All cases.
pub fn cases(host: &Host) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(creations());
    cases.extend(assignments());
    cases.extend(deletions());
    cases.extend(reads());
    cases.extend(mails());
    cases.extend(reports(host));
    cases.extend(signed_in());
    cases
}

/// What goes other ways for a signed-in user than for an application.
fn signed_in() -> Vec<Case> {
    let mail = json!({"recipient": "anna@fabrikam.com", "userEmail": WITH_PLANS_OFF});
    let mut cases = vec![
        case("send-created-user-email-notification", "signed in", mail),
        case("verify-connection", "signed in", json!({})),
    ];
    for case in &mut cases {
        case.scenario.access = Access::Delegated;
    }
    cases
}

fn case(action: &str, what: &str, input: Value) -> Case {
    changed(action, what, input, |_| {})
}

/// A case on a changed tenant.
fn changed(action: &str, what: &str, mut input: Value, change: impl FnOnce(&mut Tenant)) -> Case {
    let mut tenant = Tenant::built_in().unwrap();
    let before = serde_json::to_value(&tenant).unwrap();
    change(&mut tenant);
    let built_in = before == serde_json::to_value(&tenant).unwrap();
    if action != "country-codes" {
        input["connectionId"] = "contoso".into();
    }
    let scenario = Scenario {
        action: action.to_owned(),
        input: placeholders::input(&input).unwrap(),
        tenant,
        access: Access::AppOnly,
        time_limit: Duration::from_secs(120),
    };
    Case { name: format!("{action}, {what}"), scenario, built_in }
}

fn creations() -> Vec<Case> {
    let input = |nickname: &str, sku: &str| {
        json!({
            "serviceId": sku, "displayName": "Allen Allbrook", "mailNickname": nickname,
            "password": {"$secret": "password"}, "usageLocation": "AM",
        })
    };
    let create = |what: &str, change: fn(&mut Tenant)| {
        changed("create-user", what, input("allen", FREE), change)
    };
    vec![
        create("plain", |_| {}),
        create("on a directory that lags", |tenant| tenant.lag = 2),
        create("for the last seat", only_one_seat),
        create("with a licence that nobody can have", exclude_plans),
        case("create-user", "whose name is taken", input("anna", FREE)),
        case("create-user", "with a licence that is sold out", input("allen", SOLD_OUT)),
    ]
}

fn assignments() -> Vec<Case> {
    let assign = |what: &str, user: &str, change: fn(&mut Tenant)| {
        let input = json!({"serviceId": FREE, "userPrincipalName": user});
        changed("assign-license-to-existing-user", what, input, change)
    };
    vec![
        assign("plain", UNLICENSED, |_| {}),
        assign("to who has it with plans switched off", WITH_PLANS_OFF, |_| {}),
        assign("on a directory that lags", UNLICENSED, |tenant| tenant.lag = 2),
        assign("for the last seat", UNLICENSED, only_one_seat),
        assign("with a licence that nobody can have", UNLICENSED, exclude_plans),
        assign("to who has no usage location", PLACELESS, |_| {}),
        assign("to who has it by a group", UNLICENSED, |tenant| by_group(tenant, UNLICENSED, None)),
        assign("to nobody", "nobody@contoso.onmicrosoft.com", |_| {}),
    ]
}

fn deletions() -> Vec<Case> {
    let delete = |what: &str, user: &str, change: fn(&mut Tenant)| {
        changed("delete-user", what, json!({"userPrincipalName": user}), change)
    };
    vec![
        delete("plain", WITH_PLANS_OFF, |_| {}),
        delete("of who has licences by a group", UNLICENSED, |tenant| {
            by_group(tenant, UNLICENSED, None);
        }),
        delete("of nobody", "nobody@contoso.onmicrosoft.com", |_| {}),
        delete("on a directory that lags", UNLICENSED, |tenant| tenant.lag = 2),
    ]
}

fn reads() -> Vec<Case> {
    let seats = |action, what, sku: &str| case(action, what, json!({"serviceId": sku}));
    vec![
        seats("is-license-available", "with seats", FREE),
        seats("is-license-available", "without seats", SOLD_OUT),
        seats("get-available-license-count", "with seats", FREE),
        case("import-catalog", "plain", json!({})),
        case("verify-connection", "plain", json!({})),
        case("country-codes", "plain", json!({})),
    ]
}

fn mails() -> Vec<Case> {
    let to = "anna@fabrikam.com";
    let keys = json!({"recipient": to, "storageAccount": "contosofiles",
        "key1": {"$secret": "key1"}, "key2": {"$secret": "key2"}});
    let mail = |action, input| case(action, "plain", input);
    vec![
        mail(
            "send-created-user-email-notification",
            json!({"recipient": to, "userEmail": WITH_PLANS_OFF}),
        ),
        mail("send-azure-storage-creation-email", keys.clone()),
        mail("send-keys-for-azure-storage-email", keys.clone()),
        mail("send-regenerated-keys-for-azure-storage-email", keys),
        mail(
            "send-aws-instance-creation-email",
            json!({"recipient": to, "login": "admin", "privateKey": {"$secret": "privateKey"},
                "connectionDetails": "ssh admin@198.51.100.7"}),
        ),
        mail(
            "send-virtual-machine-creation-email",
            json!({"recipient": to, "ip": "10.1.2.3", "login": "admin",
                "password": {"$secret": "password"}}),
        ),
        mail(
            "send-status-virtual-machine-email",
            json!({"recipient": to, "ip": "10.1.2.3", "status": "stopped"}),
        ),
    ]
}

fn reports(host: &Host) -> Vec<Case> {
    let mut cases = Vec::new();
    for action in ["users-with-licenses-report", "users-without-licenses-report"] {
        cases.push(changed(action, "of two pages", json!({}), |tenant| *tenant = large()));
        cases.push(changed(action, "with licences by groups", json!({}), with_groups));
    }
    for action in ["users-with-licenses-page", "users-without-licenses-page"] {
        let first = case(action, "the first", json!({"pageSize": 5}));
        let Outcome::Done(page) = first.scenario.run(host, Default::default()).outcome else {
            panic!("{action}")
        };
        let next = json!({"pageSize": 5, "cursor": page["nextCursor"]});
        cases.extend([first, case(action, "the next", next)]);
        let size = json!({"pageSize": 999});
        cases.push(changed(action, "with licences by groups", size, with_groups));
    }
    cases
}

/// A tenant of two pages. Few users have a licence: plans are what makes pages long.
fn large() -> Tenant {
    let mut tenant = Tenant::generated(TWO_PAGES).unwrap();
    let licensed = tenant.users.iter().filter(|user| !user.licenses.is_empty());
    let ids: Vec<Guid> = licensed.map(|user| user.id).collect();
    for (number, id) in ids.into_iter().enumerate() {
        if number % 100 > 0 {
            tenant.users.change(id, |user| user.licenses.clear());
            free(&mut tenant).consumed_units -= 1;
        }
    }
    tenant
}

/// Lets users have licences by a group: one alone, one beside a direct licence, and one who has
/// an error instead.
fn with_groups(tenant: &mut Tenant) {
    by_group(tenant, UNLICENSED, None);
    by_group(tenant, WITH_PLANS_OFF, None);
    by_group(tenant, PLACELESS, Some(LicenseError::ProhibitedInUsageLocationViolation));
}

/// Makes the user `name` a member of a group that gives the licence without one of its plans, or
/// could not give it for `error`.
fn by_group(tenant: &mut Tenant, name: &str, error: Option<LicenseError>) {
    let (id, sku_id) = (tenant.users.find(name).unwrap(), FREE.parse().unwrap());
    let at = tenant.time;
    let group_id = Guid::of(&[b"group", name.as_bytes()]);
    let plan = free(tenant).service_plans.last().unwrap().service_plan_id;
    let license = GroupLicense { sku_id, disabled_plans: vec![plan] };
    let group = Group {
        members: [id].into(),
        licenses: vec![license.clone()],
        ..Group::new(group_id, "Licensed", "licensed", at)
    };
    tenant.groups.insert(group).unwrap();
    let takes_a_seat = error.is_none() && !tenant.users.get(id).unwrap().has_license(sku_id);
    free(tenant).consumed_units += u32::from(takes_a_seat);
    tenant.users.change(id, |user| {
        user.licenses.push(License {
            assigned_by_group: Some(group_id),
            error,
            ..License::direct(sku_id, license.disabled_plans, at)
        });
    });
}

/// Takes away all seats but one that is free.
fn only_one_seat(tenant: &mut Tenant) {
    let sku = free(tenant);
    sku.prepaid_units.enabled = sku.consumed_units + 1;
}

/// Makes two plans of the licence such that nobody can have both.
fn exclude_plans(tenant: &mut Tenant) {
    let plans = free(tenant).service_plans.iter();
    let group: Vec<Guid> = plans.take(2).map(|plan| plan.service_plan_id).collect();
    tenant.exclusive_plans.push(group);
}

fn free(tenant: &mut Tenant) -> &mut simulator::tenant::Sku {
    tenant.skus.iter_mut().find(|sku| sku.sku_id.to_string() == FREE).unwrap()
}
