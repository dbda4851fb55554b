//! The account that the actions give back.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use crate::bindings::exports::connector::office365::accounts::{
    Account, AssignedLicense, AssignedPlan, ProvisionedPlan,
};
use crate::graph::Graph;
use crate::graph::fault::Fault;
use crate::graph::users::{self, User};
use crate::graph::wait::Window;

/// How long what was written to a user that existed before may stay invisible.
pub const LAG_OF_A_CHANGE: Duration = Duration::from_secs(30);

/// Reads the user `id` until it shows the licence `sku_id`, or `window` closes. None when
/// it never does or cannot be read: a copy of the directory may lag behind, and a run
/// whose writes Graph acknowledged does not fail over that.
pub fn read_with_license(
    graph: &mut Graph<'_>,
    id: &str,
    sku_id: &str,
    mut window: Window,
) -> Option<User> {
    loop {
        match graph.user(id) {
            Ok(user) if user.license(sku_id).is_some() => return Some(user),
            Ok(_) => {}
            Err(error) if error.fault().is_some_and(Fault::may_be_replication) => {}
            Err(_) => return None,
        }
        if !graph.pause_in(&mut window) {
            return None;
        }
    }
}

/// `user` with the licence that Graph acknowledged, where it does not show it yet.
pub fn with_license(mut user: User, sku_id: &str, disabled_plans: &[String]) -> User {
    if user.license(sku_id).is_none() {
        user.assigned_licenses.push(users::AssignedLicense {
            sku_id: sku_id.to_owned(),
            disabled_plans: disabled_plans.to_vec(),
        });
    }
    user
}

/// `user` as the contract has it; `name` is the name it was called by, for the case that
/// Graph left it out.
pub fn account(user: User, name: &str) -> Account {
    Account {
        assigned_licenses: user.assigned_licenses.into_iter().map(license).collect(),
        assigned_plans: user.assigned_plans.into_iter().map(assigned_plan).collect(),
        display_name: user.display_name,
        object_id: user.id,
        provisioned_plans: user.provisioned_plans.into_iter().map(provisioned_plan).collect(),
        usage_location: user.usage_location,
        user_principal_name: user.user_principal_name.unwrap_or_else(|| name.to_owned()),
    }
}

fn license(license: users::AssignedLicense) -> AssignedLicense {
    AssignedLicense { disabled_plans: license.disabled_plans, sku_id: license.sku_id }
}

fn assigned_plan(plan: users::AssignedPlan) -> AssignedPlan {
    AssignedPlan {
        service: plan.service,
        service_plan_id: plan.service_plan_id,
        capability_status: plan.capability_status,
        assigned_timestamp: plan.assigned_date_time,
    }
}

/// A provisioned plan as the contract has it, in accounts and in reports.
pub fn provisioned_plan(plan: users::ProvisionedPlan) -> ProvisionedPlan {
    ProvisionedPlan {
        capability_status: plan.capability_status,
        provisioning_status: plan.provisioning_status,
        service: plan.service,
    }
}
