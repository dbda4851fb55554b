//! The tenant's subscriptions: what licences it has, and how many seats of them are free.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Graph;
use super::error::{CallError, Doing};
use super::json::{self, FromJson};
use super::operation;
use super::paging::Collection;
use super::request::Call;

/// Reading the subscriptions, in words.
pub const LIST: Doing<'static> =
    Doing { operation: &operation::LIST_SKUS, task: "read the tenant's subscriptions" };

/// The listing, to which further properties can be added.
const PATH: &str = "/subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits";

/// How many units of a subscription there are, by state. Null means none.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrepaidUnits {
    /// Units of active subscriptions.
    pub enabled: Option<i64>,
    /// Units of expired subscriptions in their grace period, which still can be used.
    pub warning: Option<i64>,
    /// Units of cancelled subscriptions, which cannot be assigned.
    pub suspended: Option<i64>,
}

/// A licence that the tenant has: Graph's `subscribedSku`, as far as it is used here.
#[derive(Clone, Debug)]
pub struct Sku {
    /// The SKU's id, a GUID; empty when Graph gave none.
    pub sku_id: String,
    /// The SKU's part number, such as `ENTERPRISEPACK`.
    pub sku_part_number: Option<String>,
    /// `User` or `Company`.
    pub applies_to: Option<String>,
    /// `Enabled`, `Warning`, `Suspended`, `Deleted` or `LockedOut`.
    pub capability_status: Option<String>,
    /// How many units are assigned.
    pub consumed_units: Option<i64>,
    /// How many units there are.
    pub prepaid_units: Option<PrepaidUnits>,
    /// The service plans; empty where they were not asked for.
    pub service_plans: Vec<ServicePlan>,
}

/// A service plan that a licence brings.
#[derive(Clone, Debug)]
pub struct ServicePlan {
    /// The plan's id.
    pub service_plan_id: String,
    /// The plan's name.
    pub service_plan_name: Option<String>,
    /// How far setting it up has come.
    pub provisioning_status: Option<String>,
    /// `User` or `Company`.
    pub applies_to: Option<String>,
}

impl FromJson for PrepaidUnits {
    fn from_json(units: &Value) -> Option<Self> {
        Some(PrepaidUnits {
            enabled: json::number(units, "enabled"),
            warning: json::number(units, "warning"),
            suspended: json::number(units, "suspended"),
        })
    }
}

impl FromJson for Sku {
    fn from_json(sku: &Value) -> Option<Self> {
        sku.is_object().then(|| Sku {
            sku_id: json::text(sku, "skuId").unwrap_or_default(),
            sku_part_number: json::text(sku, "skuPartNumber"),
            applies_to: json::text(sku, "appliesTo"),
            capability_status: json::text(sku, "capabilityStatus"),
            consumed_units: json::number(sku, "consumedUnits"),
            prepaid_units: sku.get("prepaidUnits").and_then(PrepaidUnits::from_json),
            service_plans: json::list(sku, "servicePlans"),
        })
    }
}

impl FromJson for ServicePlan {
    fn from_json(plan: &Value) -> Option<Self> {
        Some(ServicePlan {
            service_plan_id: json::text(plan, "servicePlanId")?,
            service_plan_name: json::text(plan, "servicePlanName"),
            provisioning_status: json::text(plan, "provisioningStatus"),
            applies_to: json::text(plan, "appliesTo"),
        })
    }
}

impl Sku {
    /// The SKU's part number, or its id where it has none.
    pub fn name(&self) -> &str {
        let part_number = self.sku_part_number.as_deref().filter(|name| !name.is_empty());
        part_number.unwrap_or(&self.sku_id)
    }

    /// Whether `service_id` is the SKU's id or its part number, in any case. Some of
    /// Microsoft's part numbers hold a no-break space, which no user types.
    pub fn is_named(&self, service_id: &str) -> bool {
        let plain = |text: &str| text.replace('\u{a0}', " ").to_ascii_lowercase();
        let part_number = self.sku_part_number.as_deref().map(plain);
        self.sku_id.eq_ignore_ascii_case(service_id) || part_number == Some(plain(service_id))
    }

    /// Whether the licence can be assigned at all: it is for single users, and its
    /// subscription is active or in its grace period.
    pub fn is_assignable(&self) -> bool {
        let status = self.capability_status.as_deref().unwrap_or_default();
        let active = ["Enabled", "Warning"].iter().any(|known| known.eq_ignore_ascii_case(status));
        active && self.is_for_users()
    }

    /// Whether the licence is for single users; one for the company cannot be assigned.
    pub fn is_for_users(&self) -> bool {
        self.applies_to.as_deref().is_some_and(|target| target.eq_ignore_ascii_case("User"))
    }

    /// How many seats can be assigned now: active units and those in their grace period,
    /// less those in use, and never below zero, since a tenant can have assigned too many.
    ///
    /// Only a SKU for users with status `Enabled` or `Warning` has seats; suspended and
    /// locked-out units never count. Source: Graph's `licenseUnitsDetail` and
    /// `subscribedSku`; that units in grace can be assigned anew is not stated there, but
    /// they are said to be usable. A free seat is not reserved.
    pub fn available_seats(&self) -> u32 {
        if !self.is_assignable() {
            return 0;
        }
        let units = self.prepaid_units.unwrap_or_default();
        let owned = units.enabled.unwrap_or(0).saturating_add(units.warning.unwrap_or(0));
        let free = owned.saturating_sub(self.consumed_units.unwrap_or(0)).max(0);
        u32::try_from(free).unwrap_or(u32::MAX)
    }

    /// The numbers behind [`Sku::available_seats`], in words.
    pub fn seats_in_words(&self) -> String {
        let units = self.prepaid_units.unwrap_or_default();
        format!(
            "{} enabled, {} in their grace period, {} suspended, {} consumed",
            units.enabled.unwrap_or(0),
            units.warning.unwrap_or(0),
            units.suspended.unwrap_or(0),
            self.consumed_units.unwrap_or(0),
        )
    }
}

impl Graph<'_> {
    /// Reads all of the tenant's subscriptions, without their service plans. Graph has no
    /// filter for them.
    ///
    /// # Errors
    /// Graph did not list them.
    pub fn subscribed_skus(&mut self) -> Result<Collection<Sku>, CallError> {
        self.list_skus("")
    }

    /// Reads all of the tenant's subscriptions with their service plans.
    ///
    /// # Errors
    /// Graph did not list them.
    pub fn subscribed_skus_with_plans(&mut self) -> Result<Collection<Sku>, CallError> {
        self.list_skus(",servicePlans")
    }

    fn list_skus(&mut self, more: &str) -> Result<Collection<Sku>, CallError> {
        let call = Call::read(LIST.operation, format!("{PATH}{more}"));
        self.collect(&call, Sku::from_json)
    }
}
