//! What the tenant shows, as the results of the actions that read have it.
//!
//! It is worked out from the tenant itself and not from a run of the component, so that a
//! result that is wrong without any fault is found as well.

use runner::simulator::Tenant;
use runner::simulator::tenant::{License, ServicePlan, Sku, Target, User};
use serde_json::{Value, json};

use crate::cases::Case;

/// The result that an action has to give which only reads; none where that is not for the
/// tenant to say. Product names and cursors are left out, see [`without_names`].
pub fn expected(case: &Case, tenant: &Tenant) -> Option<Value> {
    let action = case.scenario.action.as_str();
    let with = action.starts_with("users-with-");
    let seats = || wanted_sku(case, tenant).map(available);
    match action {
        "is-license-available" => Some(json!(seats()? > 0)),
        "get-available-license-count" => Some(json!(seats()?)),
        "import-catalog" => Some(catalog(tenant)),
        "users-with-licenses-report" => Some(json!({
            "title": "Users with licenses",
            "description": "Shows all users in tenant that have at least one assigned license.",
            "users": users(tenant, tenant.users.iter(), with),
        })),
        "users-without-licenses-report" => Some(json!({
            "title": "Users without licenses",
            "description": "Shows all users in tenant that have no assigned licenses.",
            "users": users(tenant, tenant.users.iter(), with),
        })),
        "users-with-licenses-page" | "users-without-licenses-page" => {
            Some(page(case, tenant, with))
        }
        _ => None,
    }
}

/// A result without what the tenant does not have: the names that products are sold under,
/// and the text of a cursor, of which only stays whether there is one.
pub fn without_names(mut result: Value) -> Value {
    if let Some(services) = result.get_mut("services").and_then(Value::as_array_mut) {
        for service in services.iter_mut() {
            service.as_object_mut().unwrap().remove("name").unwrap();
        }
        services.sort_by_key(|service| service["externalServiceId"].to_string());
    }
    if let Some(cursor) = result.get_mut("nextCursor") {
        *cursor = (!cursor.is_null()).into();
    }
    result
}

/// How many licences of `sku` can be assigned to users.
pub fn available(sku: &Sku) -> u32 {
    if sku.applies_to == Target::User { sku.free() } else { 0 }
}

/// The subscription that the input names.
pub fn wanted_sku<'a>(case: &Case, tenant: &'a Tenant) -> Option<&'a Sku> {
    let id = case.scenario.input.get("serviceId")?.as_str()?;
    tenant.sku(id.parse().ok()?)
}

fn users<'a>(tenant: &Tenant, users: impl Iterator<Item = &'a User>, with: bool) -> Value {
    users
        .filter(|user| user.assigned().is_empty() != with)
        .map(|user| shown(tenant, user))
        .collect()
}

fn shown(tenant: &Tenant, user: &User) -> Value {
    let plans = tenant.plans(user);
    let assigned: Vec<Value> = plans
        .assigned
        .iter()
        .map(|plan| json!({"name": plan.service, "status": plan.capability_status}))
        .collect();
    let mut shown = json!({
        "displayName": user.display_name,
        "email": user.mail.as_ref().unwrap_or(&user.user_principal_name),
        "assignedServicePlans": assigned,
        "provisionedServicePlans": plans.provisioned,
    });
    // What nobody has is left out.
    for (name, list) in [("assignedByGroup", by_group(user)), ("licenseErrors", errors(user))] {
        if !list.is_empty() {
            shown[name] = list.into();
        }
    }
    shown
}

/// The licences that a user has by groups.
pub fn by_group(user: &User) -> Vec<Value> {
    let given = user.licenses.iter().filter(|own| own.error.is_none());
    let of_group =
        |own: &License| Some(json!({"groupId": own.assigned_by_group?, "skuId": own.sku_id}));
    given.filter_map(of_group).collect()
}

/// The licences that a group could not give to a user.
fn errors(user: &User) -> Vec<Value> {
    let of_error = |own: &License| {
        Some(json!({"error": own.error?, "groupId": own.assigned_by_group, "skuId": own.sku_id,
            "state": "Error"}))
    };
    user.licenses.iter().filter_map(of_error).collect()
}

/// The first page of the size that is asked for, or the one after it.
fn page(case: &Case, tenant: &Tenant, with: bool) -> Value {
    let input = &case.scenario.input;
    let size = usize::try_from(input["pageSize"].as_u64().unwrap()).unwrap();
    let skipped = if input.contains_key("cursor") { size } else { 0 };
    let listed = tenant.users.iter().skip(skipped).take(size);
    let more = tenant.users.len() > skipped + size;
    let users = users(tenant, listed, with);
    if more { json!({"users": users, "nextCursor": true}) } else { json!({"users": users}) }
}

fn catalog(tenant: &Tenant) -> Value {
    let mut skus: Vec<&Sku> = tenant.skus.iter().collect();
    skus.sort_by_key(|sku| sku.sku_id.to_string());
    let services: Vec<Value> = skus.into_iter().map(service).collect();
    json!({ "services": services })
}

fn service(sku: &Sku) -> Value {
    let units = sku.prepaid_units;
    let plans: Vec<Value> = sku.service_plans.iter().map(plan).collect();
    json!({
        "externalServiceId": sku.sku_id,
        "skuPartNumber": sku.sku_part_number,
        "status": sku.capability_status,
        "assignableToUsers": sku.applies_to == Target::User && sku.capability_status.is_usable(),
        "seats": {
            "enabled": units.enabled,
            "inGracePeriod": units.warning,
            "consumed": sku.consumed_units,
            "available": available(sku),
        },
        "servicePlans": plans,
    })
}

fn plan(plan: &ServicePlan) -> Value {
    json!({
        "servicePlanId": plan.service_plan_id,
        "name": plan.service_plan_name,
        "provisioningStatus": plan.provisioning_status.as_deref().unwrap_or("Success"),
        "appliesTo": plan.applies_to,
    })
}
