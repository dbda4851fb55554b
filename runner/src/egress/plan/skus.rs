//! The subscriptions of the tenant with the effects of the planned writes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::graph::Guid;
use crate::graph::licensing::{Subscription, free_seats};

/// The properties from which the free seats follow.
const NEEDED: [&str; 5] =
    ["skuId", "appliesTo", "capabilityStatus", "consumedUnits", "prepaidUnits"];

/// The properties that are selected: those, the name and the service plans.
pub const SELECTED: &str =
    "skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits,servicePlans";

#[derive(Default)]
pub struct Skus {
    /// The subscriptions as they were read; `None` where they are not all known.
    listed: Option<BTreeMap<Guid, Value>>,
    /// The names by `skuId`, in lower case.
    names: BTreeMap<String, String>,
    /// The seats that the plan takes, less those that it releases.
    taken: BTreeMap<Guid, i64>,
}

impl Skus {
    pub fn learn(&mut self, listing: &Value) {
        let Some(items) = listing.get("value").and_then(Value::as_array) else { return };
        let text = |item: &Value, name: &str| item.get(name)?.as_str().map(ToOwned::to_owned);
        for item in items {
            let named = text(item, "skuId").zip(text(item, "skuPartNumber"));
            self.names.extend(named.map(|(id, name)| (id.to_lowercase(), name)));
        }
        let has_all = |item: &Value| NEEDED.iter().all(|name| item.get(name).is_some());
        if listing.get("@odata.nextLink").is_some() || !items.iter().all(has_all) {
            return;
        }
        let by_id = items.iter().filter_map(|item| Some((id(item)?, item.clone())));
        // A response with service plans is not replaced by one without.
        let more = self.listed.as_ref().is_some_and(|had| had.values().any(has_plans));
        if !more || items.iter().any(has_plans) {
            self.listed = Some(by_id.collect());
        }
    }

    /// Whether a change of licences can be validated. `with_plans` states whether it changes
    /// service plans.
    pub fn suffice(&self, with_plans: bool) -> bool {
        let plans_are_known =
            |listed: &BTreeMap<_, _>| !with_plans || listed.values().all(has_plans);
        self.listed.as_ref().is_some_and(plans_are_known)
    }

    pub fn subscription(&self, sku_id: Guid) -> Subscription {
        let Some(listed) = &self.listed else { return Subscription::Unknown };
        let Some(sku) = listed.get(&sku_id) else { return Subscription::NotOwned };
        let is = |name: &str, values: &[&str]| {
            let own = sku.get(name).and_then(Value::as_str).unwrap_or_default();
            values.iter().any(|value| value.eq_ignore_ascii_case(own))
        };
        let units = |name: &str| sku.get("prepaidUnits").map_or(0, |units| count(units.get(name)));
        let taken = self.taken.get(&sku_id).copied().unwrap_or_default();
        let consumed = i64::from(count(sku.get("consumedUnits"))).saturating_add(taken).max(0);
        Subscription::Owned {
            for_users: is("appliesTo", &["User"]),
            free: free_seats(
                is("capabilityStatus", &["Enabled", "Warning"]),
                units("enabled"),
                units("warning"),
                u32::try_from(consumed).unwrap_or(u32::MAX),
            ),
            plans: plans(sku),
        }
    }

    /// Returns the part number of a licence, if known, and its id.
    pub fn name(&self, sku_id: &str) -> String {
        match self.names.get(&sku_id.to_lowercase()) {
            Some(name) => format!("{name} ({sku_id})"),
            None => sku_id.to_owned(),
        }
    }

    pub fn take(&mut self, sku_id: Guid) {
        *self.taken.entry(sku_id).or_default() += 1;
    }

    pub fn release(&mut self, sku_id: Guid) {
        *self.taken.entry(sku_id).or_default() -= 1;
    }

    /// Applies the plan to a response.
    pub fn overlay(&self, listing: &mut Value) -> bool {
        let items = listing.get_mut("value").and_then(Value::as_array_mut);
        let mut changed = false;
        for item in items.into_iter().flatten() {
            let taken = id(item).and_then(|id| self.taken.get(&id)).copied().unwrap_or_default();
            if let Some(consumed) = item.get_mut("consumedUnits").filter(|_| taken != 0) {
                let before = i64::from(count(Some(consumed)));
                *consumed = before.saturating_add(taken).max(0).into();
                changed = true;
            }
        }
        changed
    }
}

fn id(sku: &Value) -> Option<Guid> {
    sku.get("skuId")?.as_str()?.parse().ok()
}

fn has_plans(sku: &Value) -> bool {
    sku.get("servicePlans").is_some_and(Value::is_array)
}

fn plans(sku: &Value) -> Option<Vec<Guid>> {
    let plans = sku.get("servicePlans")?.as_array()?.iter();
    Some(plans.filter_map(|plan| plan.get("servicePlanId")?.as_str()?.parse().ok()).collect())
}

/// Returns a number of units. Null means none.
fn count(value: Option<&Value>) -> u32 {
    let count = value.and_then(Value::as_i64).unwrap_or_default().max(0);
    u32::try_from(count).unwrap_or(u32::MAX)
}
