//! Validates changes of a user's licences.

use serde_json::{Map, Value};

use super::guid::Guid;
use super::member;
use super::refusal::Refusal;

/// "Exchange Foundation", a plan without a mailbox. Source: "Product names and service plan
/// identifiers for licensing".
const FOUNDATION: &str = "113feb6c-3fe4-4440-bddc-54d774bf0318";

/// The service of mailboxes in `assignedPlans`.
pub const EXCHANGE: &str = "exchange";

/// The body of `assignLicense`.
pub struct Change {
    /// The licences to assign.
    pub add: Vec<Wanted>,
    /// The licences to remove, by `skuId`.
    pub remove: Vec<Guid>,
}

/// A licence to assign.
pub struct Wanted {
    /// The SKU.
    pub sku_id: Guid,
    /// The service plans to disable.
    pub disabled_plans: Vec<Guid>,
}

/// A licence among the subscriptions of the tenant.
pub enum Subscription {
    /// The subscriptions are unknown.
    Unknown,
    /// The tenant does not have it.
    NotOwned,
    /// The tenant has it.
    Owned {
        /// Whether it is assigned to users.
        for_users: bool,
        /// The number of free seats.
        free: u32,
        /// The ids of its service plans, if known.
        plans: Option<Vec<Guid>>,
    },
}

impl Change {
    /// Reads the body.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        super::only(body, &["addLicenses", "removeLicenses"], "assignLicense")?;
        let missing = ["addLicenses", "removeLicenses"].into_iter();
        let missing: Vec<&str> =
            missing.filter(|name| !member(body, name).is_some_and(Value::is_array)).collect();
        if !missing.is_empty() {
            return Err(Refusal::bad(format!(
                "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: {}.",
                missing.join(", ")
            )));
        }
        let list = |name| member(body, name).and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            add: list("addLicenses").map(Wanted::read).collect::<Result<_, _>>()?,
            remove: list("removeLicenses").map(guid).collect::<Result<_, _>>()?,
        })
    }

    /// Fails when the change is invalid for a user with the licences `had`. `is_located` states
    /// whether the user has a usage location. A licence that the user has takes no second seat.
    pub fn check(
        &self,
        mut had: Vec<Guid>,
        is_located: bool,
        subscription: impl Fn(Guid) -> Subscription,
    ) -> Result<(), Refusal> {
        for sku_id in &self.remove {
            let before = had.len();
            had.retain(|own| own != sku_id);
            if had.len() == before {
                return Err(Refusal::no_license());
            }
        }
        if !self.add.is_empty() && !is_located {
            return Err(Refusal::invalid_location());
        }
        for wanted in &self.add {
            let has = had.contains(&wanted.sku_id);
            wanted.check(has, subscription(wanted.sku_id))?;
            had.push(wanted.sku_id);
        }
        Ok(())
    }
}

impl Wanted {
    fn read(value: &Value) -> Result<Self, Refusal> {
        let object = value.as_object().ok_or_else(not_a_guid)?;
        super::only(object, &["skuId", "disabledPlans"], "assignLicense")?;
        let off = member(object, "disabledPlans").and_then(Value::as_array);
        Ok(Self {
            sku_id: guid(member(object, "skuId").unwrap_or(&Value::Null))?,
            disabled_plans: off.into_iter().flatten().map(guid).collect::<Result<_, _>>()?,
        })
    }

    /// Fails when the licence is none of the tenant, or has no seat and the assignee no licence yet.
    pub fn check(&self, has: bool, subscription: Subscription) -> Result<(), Refusal> {
        let sku_id = self.sku_id;
        let (for_users, free, plans) = match subscription {
            Subscription::Unknown => return Ok(()),
            Subscription::NotOwned => return Err(Refusal::not_owned(sku_id)),
            Subscription::Owned { for_users, free, plans } => (for_users, free, plans),
        };
        if !for_users {
            return Err(Refusal::for_company(sku_id));
        }
        let unknown = |id: &&Guid| plans.as_ref().is_some_and(|plans| !plans.contains(id));
        if let Some(plan) = self.disabled_plans.iter().find(unknown) {
            return Err(Refusal::no_such_plan(*plan, sku_id));
        }
        if !has && free == 0 {
            return Err(Refusal::no_seats(sku_id));
        }
        Ok(())
    }
}

/// Returns the number of free seats: active units and those in their grace period, less those in
/// use; 0 where the subscription is not usable.
pub fn free_seats(is_usable: bool, enabled: u32, warning: u32, consumed: u32) -> u32 {
    if is_usable { enabled.saturating_add(warning).saturating_sub(consumed) } else { 0 }
}

/// Whether a plan of `assignedPlans` has a mailbox.
pub fn is_mailbox(service: &str, plan_id: &str) -> bool {
    service.eq_ignore_ascii_case(EXCHANGE) && !plan_id.eq_ignore_ascii_case(FOUNDATION)
}

fn guid(value: &Value) -> Result<Guid, Refusal> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(not_a_guid)
}

fn not_a_guid() -> Refusal {
    Refusal::bad(
        "Cannot convert a primitive value to the expected type 'Edm.Guid'. See the inner exception for more details.",
    )
}
