//! The service plans of a user: what the licences bring, and what is left of former ones.

use super::shared_str::SharedStr;

use serde::{Deserialize, Serialize};

use super::guid::Guid;
use super::tenant::{CapabilityStatus, License, ServicePlan, Sku, Target, Tenant, User};
use super::time::Time;
use graph::licensing::{EXCHANGE, is_mailbox};

/// "Exchange Foundation", a plan that comes with licences without a mailbox. Source:
/// "Product names and service plan identifiers for licensing".
const FOUNDATION: &str = "EXCHANGE_S_FOUNDATION";

/// A user's service plans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Plans {
    /// Graph's `assignedPlans`.
    pub assigned: Vec<AssignedPlan>,
    /// Graph's `provisionedPlans`.
    pub provisioned: Vec<ProvisionedPlan>,
}

/// Graph's `assignedPlan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignedPlan {
    /// When it was assigned.
    pub assigned_date_time: Time,
    /// Whether it can be used.
    pub capability_status: CapabilityStatus,
    /// The service.
    pub service: SharedStr,
    /// The plan.
    pub service_plan_id: Guid,
}

/// Graph's `provisionedPlan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvisionedPlan {
    /// Whether it can be used.
    pub capability_status: CapabilityStatus,
    /// How far setting it up has come, such as `Success`.
    pub provisioning_status: SharedStr,
    /// The service.
    pub service: SharedStr,
}

impl ServicePlan {
    /// Whether it is one that a single user gets.
    pub fn is_for_users(&self) -> bool {
        self.applies_to == Target::User
    }

    /// Whether it comes with a mailbox.
    pub fn has_mailbox(&self) -> bool {
        &*self.service == EXCHANGE && &*self.service_plan_name != FOUNDATION
    }
}

impl License {
    /// The plans of `sku`, of which this is a licence, that are not switched off.
    pub fn enabled<'a>(&self, sku: &'a Sku) -> impl Iterator<Item = &'a ServicePlan> {
        let off = self.disabled_plans.clone();
        sku.service_plans
            .iter()
            .filter(move |plan| plan.is_for_users() && !off.contains(&plan.service_plan_id))
    }
}

impl Tenant {
    /// The service plans of `user`.
    pub fn plans(&self, user: &User) -> Plans {
        if let Some(plans) = &user.plans {
            return (**plans).clone();
        }
        let mut plans = Plans::default();
        for license in &user.licenses {
            if let Some(sku) = self.sku(license.sku_id) {
                plans.add(license, sku);
            }
        }
        plans
    }

    /// Whether `user` has a mailbox.
    pub fn has_mailbox(&self, user: &User) -> bool {
        let usable = |plan: &AssignedPlan| {
            plan.capability_status.is_usable()
                && is_mailbox(&plan.service, &plan.service_plan_id.to_string())
        };
        user.shared_mailbox || self.plans(user).assigned.iter().any(usable)
    }
}

impl Plans {
    /// Adds what a licence of `sku` brings, once each.
    pub fn add(&mut self, license: &License, sku: &Sku) {
        // A plan of a subscription in its grace period says so itself.
        let status = sku.capability_status;
        for plan in license.enabled(sku) {
            self.assigned.retain(|had| had.service_plan_id != plan.service_plan_id);
            self.assigned.push(AssignedPlan {
                assigned_date_time: license.assigned_date_time,
                capability_status: status,
                service: plan.service.clone(),
                service_plan_id: plan.service_plan_id,
            });
            if !self.provisioned.iter().any(|had| had.service == plan.service) {
                self.provisioned.push(ProvisionedPlan {
                    capability_status: status,
                    provisioning_status: "Success".into(),
                    service: plan.service.clone(),
                });
            }
        }
    }

    /// Marks the plans that are not among `kept` as deleted at `at`: Graph goes on listing
    /// them.
    pub fn delete_all_but(&mut self, kept: &[Guid], at: Time) {
        for plan in &mut self.assigned {
            let gone = !kept.contains(&plan.service_plan_id);
            if gone && plan.capability_status != CapabilityStatus::Deleted {
                plan.capability_status = CapabilityStatus::Deleted;
                plan.assigned_date_time = at;
            }
        }
        let usable: Vec<SharedStr> = self
            .assigned
            .iter()
            .filter(|plan| plan.capability_status.is_usable())
            .map(|plan| plan.service.clone())
            .collect();
        self.provisioned.retain(|plan| usable.contains(&plan.service));
    }
}
