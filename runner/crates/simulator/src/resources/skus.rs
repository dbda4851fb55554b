//! `GET /subscribedSkus`.

use serde_json::{Value, json};

use super::{collection, single};
use crate::exchange::{Exchange, ResponseOrRefusal};
use crate::odata::select;
use crate::refusal::Refusal;
use crate::tenant::{ServicePlan, Sku, Tenant};

/// The properties. Source: the type `subscribedSku` of Graph v1.0's metadata.
const PROPERTIES: &str = "accountId accountName appliesTo capabilityStatus consumedUnits id \
    prepaidUnits servicePlans skuId skuPartNumber subscriptionIds";

/// Lists the subscriptions, on one page and without filters.
pub fn list(tenant: &Tenant, exchange: &Exchange<'_>) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, PROPERTIES.split(' '), "subscribedSku")?;
    let skus = tenant.skus.iter().map(|sku| sku_json(tenant, sku));
    Ok(collection(exchange, "subscribedSkus", skus, names.as_deref()))
}

/// `GET /subscribedSkus/{id}`; the id has those of the tenant and of the SKU.
pub fn get(tenant: &Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, PROPERTIES.split(' '), "subscribedSku")?;
    let is_it = |sku: &&Sku| id.eq_ignore_ascii_case(&format!("{}_{}", tenant.id, sku.sku_id));
    let sku = tenant.skus.iter().find(is_it).ok_or_else(|| Refusal::absent(id))?;
    Ok(single(exchange, "subscribedSkus", sku_json(tenant, sku), names.as_deref()))
}

fn sku_json(tenant: &Tenant, sku: &Sku) -> Value {
    let plans: Vec<Value> = sku.service_plans.iter().map(|plan| plan_json(plan, false)).collect();
    let units = sku.prepaid_units;
    json!({
        "accountId": tenant.id,
        "accountName": tenant.display_name,
        "appliesTo": sku.applies_to,
        "capabilityStatus": sku.capability_status,
        "consumedUnits": sku.consumed_units,
        "id": format!("{}_{}", tenant.id, sku.sku_id),
        "prepaidUnits": {
            "enabled": units.enabled,
            "suspended": units.suspended,
            "warning": units.warning,
            "lockedOut": units.locked_out,
        },
        "servicePlans": plans,
        "skuId": sku.sku_id,
        "skuPartNumber": sku.sku_part_number,
        "subscriptionIds": [],
    })
}

/// Returns Graph's `servicePlanInfo`; `off` for a plan that a user's licence disables.
pub fn plan_json(plan: &ServicePlan, off: bool) -> Value {
    let status = plan.provisioning_status.as_deref().unwrap_or("Success");
    json!({
        "servicePlanId": plan.service_plan_id,
        "servicePlanName": plan.service_plan_name,
        "provisioningStatus": if off { "Disabled" } else { status },
        "appliesTo": plan.applies_to,
    })
}
