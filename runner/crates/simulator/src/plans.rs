//! The service plans of a user, from current and former licences.

use serde::{Deserialize, Serialize};

use super::guid::Guid;
use super::shared_str::SharedStr;
use super::tenant::{CapabilityStatus, License, ServicePlan, Sku, Target, Tenant, User};
use super::time::Time;
use graph::licensing::{EXCHANGE, is_mailbox};

/// "Exchange Foundation", a plan of licences without a mailbox. Source:
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
    /// The time of the assignment.
    pub assigned_date_time: Time,
    /// The status.
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
    /// The status.
    pub capability_status: CapabilityStatus,
    /// The provisioning status, such as `Success`.
    pub provisioning_status: SharedStr,
    /// The service.
    pub service: SharedStr,
}

impl ServicePlan {
    /// Returns whether the plan is for single users.
    pub fn is_for_users(&self) -> bool {
        self.applies_to == Target::User
    }

    /// Returns whether the plan includes a mailbox.
    pub fn has_mailbox(&self) -> bool {
        &*self.service == EXCHANGE && &*self.service_plan_name != FOUNDATION
    }
}

impl License {
    /// Returns the enabled plans of this licence, whose subscription is `sku`.
    pub fn enabled<'a>(&self, sku: &'a Sku) -> impl Iterator<Item = &'a ServicePlan> {
        let off = self.disabled_plans.clone();
        sku.service_plans
            .iter()
            .filter(move |plan| plan.is_for_users() && !off.contains(&plan.service_plan_id))
    }
}

impl Tenant {
    /// Returns the service plans of `user`.
    pub fn plans(&self, user: &User) -> Plans {
        if let Some(plans) = &user.plans {
            return (**plans).clone();
        }
        let mut plans = Plans::default();
        for license in user.assigned() {
            if let Some(sku) = self.sku(license.sku_id) {
                plans.add(&license, sku);
            }
        }
        plans
    }

    /// Returns whether `user` has a mailbox.
    pub fn has_mailbox(&self, user: &User) -> bool {
        let usable = |plan: &AssignedPlan| {
            plan.capability_status.is_usable()
                && is_mailbox(&plan.service, &plan.service_plan_id.to_string())
        };
        user.shared_mailbox || self.plans(user).assigned.iter().any(usable)
    }
}

impl Plans {
    /// Adds the plans of a licence of `sku`, without duplicates.
    pub fn add(&mut self, license: &License, sku: &Sku) {
        // The plans have the status of their subscription.
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

    /// Marks the plans other than `kept` as deleted at `at`. Graph continues to list them.
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
