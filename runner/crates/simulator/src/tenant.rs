//! The simulated tenant, in memory and in its file.

use std::collections::BTreeMap;
use std::ops::Not;

use serde::{Deserialize, Serialize};

use super::changes::Changes;
use super::guid::Guid;
use super::lag::Lagging;
use super::shared_str::SharedStr;
use super::throttling::Limits;
use super::time::Time;
use super::users::Users;
use graph::licensing;

pub use super::groups::{DeletedGroup, Group, GroupLicense, Groups};
pub use super::mail::{Attachment, Mail};
pub use super::user::{DeletedUser, License, LicenseError, User};

/// An Entra tenant with its users, licences, domains and mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tenant {
    /// The tenant's id.
    pub id: Guid,
    /// The display name.
    pub display_name: String,
    /// The mailbox from which a simulated connection sends mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The time of the tenant, which advances with the clocks of the runs.
    pub time: Time,
    /// The number of created ids, from which the next one derives.
    #[serde(default)]
    pub ids_made: u64,
    /// The number of reads after a write that still see the previous state.
    #[serde(default)]
    pub lag: u32,
    /// The throttling limits, in place of Microsoft's documented ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The domains, the default one among them.
    pub domains: Vec<Domain>,
    /// The subscriptions.
    pub skus: Vec<Sku>,
    /// Groups of mutually exclusive service plans.
    #[serde(default)]
    pub exclusive_plans: Vec<Vec<Guid>>,
    /// The users.
    pub users: Users,
    /// The deleted users.
    #[serde(default)]
    pub deleted_users: Vec<DeletedUser>,
    /// The groups.
    #[serde(default, skip_serializing_if = "Groups::is_empty")]
    pub groups: Groups,
    /// The deleted groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted_groups: Vec<DeletedGroup>,
    /// The changes of users, which delta queries list.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub changes: Changes,
    /// Whether there is a premium plan, without which Graph has no sign-in activity.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub premium: bool,
    /// The sent mail, in order.
    #[serde(default)]
    pub mail: Vec<Mail>,
    /// The writes that are not yet replicated, by user.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lagging: BTreeMap<Guid, Lagging>,
}

/// A domain of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Domain {
    /// The name.
    pub name: String,
    /// Whether it is the default domain of new users.
    #[serde(default)]
    pub is_default: bool,
    /// Whether it is the initial domain of the tenant.
    #[serde(default)]
    pub is_initial: bool,
    /// Whether the ownership is verified, without which the domain has no users.
    #[serde(default = "yes")]
    pub is_verified: bool,
    /// Whether another identity provider authenticates the users of the domain.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub is_federated: bool,
}

impl Domain {
    /// Returns Graph's `authenticationType`.
    pub fn authentication_type(&self) -> &'static str {
        if self.is_federated { "Federated" } else { "Managed" }
    }
}

/// A subscription: Graph's `subscribedSku`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sku {
    /// The SKU's id.
    pub sku_id: Guid,
    /// The SKU's part number, such as `SPE_E5`.
    pub sku_part_number: SharedStr,
    /// `User` or `Company`.
    #[serde(default)]
    pub applies_to: Target,
    /// Whether the subscription is active.
    #[serde(default)]
    pub capability_status: CapabilityStatus,
    /// The number of assigned units.
    #[serde(default)]
    pub consumed_units: u32,
    /// The number of units.
    pub prepaid_units: Units,
    /// The service plans of the licence.
    #[serde(default)]
    pub service_plans: Vec<ServicePlan>,
}

/// The assignee of a licence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A single user.
    #[default]
    User,
    /// The tenant as a whole.
    Company,
}

/// The state of a subscription or of a service plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapabilityStatus {
    /// Active.
    #[default]
    Enabled,
    /// Expired, in its grace period, still usable.
    Warning,
    /// Cancelled.
    Suspended,
    /// Gone.
    Deleted,
    /// Cancelled by the customer.
    LockedOut,
}

impl CapabilityStatus {
    /// Returns whether a subscription or plan with this status is usable.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Enabled | Self::Warning)
    }
}

/// Units of a subscription by state: Graph's `licenseUnitsDetail`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Units {
    /// Active.
    pub enabled: u32,
    /// Cancelled.
    pub suspended: u32,
    /// In their grace period.
    pub warning: u32,
    /// Cancelled by the customer.
    pub locked_out: u32,
}

/// A service plan of a SKU.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePlan {
    /// The plan's id.
    pub service_plan_id: Guid,
    /// The plan's name, such as `EXCHANGE_S_ENTERPRISE`.
    pub service_plan_name: SharedStr,
    /// The service, such as `exchange`.
    pub service: SharedStr,
    /// The assignee.
    #[serde(default)]
    pub applies_to: Target,
    /// The provisioning status in the tenant; `None` for success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_status: Option<SharedStr>,
}

impl Sku {
    /// Returns the number of free licences: units that are active or in their grace period, less
    /// the assigned ones.
    pub fn free(&self) -> u32 {
        let Units { enabled, warning, .. } = self.prepaid_units;
        let is_usable = self.capability_status.is_usable();
        licensing::free_seats(is_usable, enabled, warning, self.consumed_units)
    }
}

impl Tenant {
    /// Returns the subscription of `sku_id`.
    pub fn sku(&self, sku_id: Guid) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.sku_id == sku_id)
    }

    /// Returns the initial domain, such as `contoso.onmicrosoft.com`.
    pub fn initial_domain(&self) -> &str {
        let initial = self.domains.iter().find(|domain| domain.is_initial);
        initial.or(self.domains.first()).map(|domain| domain.name.as_str()).unwrap_or_default()
    }

    /// Returns the domain `name`, if it is verified.
    pub fn verified(&self, name: &str) -> Option<&Domain> {
        let is = |domain: &&Domain| domain.is_verified && domain.name.eq_ignore_ascii_case(name);
        self.domains.iter().find(is)
    }

    /// Returns whether the domain `name` is verified.
    pub fn has_verified(&self, name: &str) -> bool {
        self.verified(name).is_some()
    }

    /// Creates an id for a new object.
    pub fn new_id(&mut self) -> Guid {
        self.ids_made = self.ids_made.saturating_add(1);
        Guid::of(&[b"object", self.id.to_string().as_bytes(), &self.ids_made.to_le_bytes()])
    }

    /// Returns an inconsistency of the tenant, if there is one.
    pub fn contradiction(&self) -> Option<String> {
        let mut licences: BTreeMap<Guid, u32> = BTreeMap::new();
        for user in self.users.iter() {
            for license in user.assigned() {
                *licences.entry(license.sku_id).or_default() += 1;
                if self.sku(license.sku_id).is_none() {
                    return Some(format!(
                        "the user {} has a licence of {}, which is not among the skus",
                        user.user_principal_name, license.sku_id
                    ));
                }
            }
        }
        let short = |sku: &&Sku| licences.get(&sku.sku_id).is_some_and(|n| sku.consumed_units < *n);
        if let Some(sku) = self.skus.iter().find(short) {
            return Some(format!(
                "consumedUnits of {} is {}, but more users have a licence of it",
                sku.sku_part_number, sku.consumed_units
            ));
        }
        if self.domains.is_empty() {
            return Some("it has no domain".to_owned());
        }
        self.groups.iter().find_map(|group| {
            let unknown = group.licenses.iter().find(|own| self.sku(own.sku_id).is_none())?;
            Some(format!(
                "the group {} has a licence of {}, which is not among the skus",
                group.display_name, unknown.sku_id
            ))
        })
    }
}

/// The value of a flag that a file does not have.
pub(super) fn yes() -> bool {
    true
}
