//! The account that the actions give back.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::bindings::connector::office365::types::{Error, ErrorKind, Who};
use crate::bindings::exports::connector::office365::accounts::{
    Account, AssignedLicense, AssignedPlan, GroupLicense, ProvisionedPlan,
};
use crate::failure::failure;
use crate::graph::error::{CallError, Doing};
use crate::graph::fault::Fault;
use crate::graph::users::{self, User};
use crate::graph::wait::Window;
use crate::graph::{Graph, operation};

/// How long what was written to a user that existed before may stay invisible.
pub const LAG_OF_A_CHANGE: Duration = Duration::from_secs(30);

/// Reads the user `id` until it shows the licence `sku_id`, or `window` closes: a copy of
/// the directory may lag behind.
///
/// # Errors
/// It never does, or cannot be read.
pub fn read_with_license(
    graph: &mut Graph<'_>,
    id: &str,
    sku_id: &str,
    mut window: Window,
) -> Result<User, Unseen> {
    loop {
        match graph.user(id) {
            Ok(user) if user.license(sku_id).is_some() => return Ok(user),
            Ok(_) => {}
            Err(error) if error.fault().is_some_and(Fault::may_be_replication) => {}
            Err(error) => return Err(Unseen(Some(error))),
        }
        if !graph.pause_in(&mut window) {
            return Err(Unseen(None));
        }
    }
}

/// Why no read shows a licence that Graph acknowledged: what kept the user from being read,
/// if something did.
pub struct Unseen(Option<CallError>);

impl Unseen {
    /// The contract's error: what no read shows is not said to be done. `sku` and `name` are
    /// the licence and the user in words.
    pub fn explain(self, graph: &Graph<'_>, sku: &str, name: &str) -> Error {
        let said = format!("Graph accepted the licence {sku} for the user {name}, but");
        let fix = format!(
            "Look at the licences of the user {name} in some minutes; if it is still missing there, assign it with assign-license-to-existing-user."
        );
        let unknown =
            |message: String| failure(ErrorKind::OutcomeUnknown, message, fix, Who::Caller);
        let Some(error) = self.0 else {
            return unknown(format!("{said} no read shows it."));
        };
        let task = format!("read the user {name}");
        let error = graph.explain(error, Doing { operation: &operation::GET_USER, task: &task });
        Error {
            graph: error.graph,
            ..unknown(format!("{said} whether it is there cannot be read. {}", error.message))
        }
    }
}

/// `user` as the contract has it; `name` is the name it was called by, for the case that
/// Graph left it out.
pub fn account(user: User, name: &str) -> Account {
    Account {
        assigned_by_group: by_group(&user),
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

/// The licences that `user` has by a group, as the contract has them, in accounts and in
/// reports.
pub fn by_group(user: &User) -> Option<Vec<GroupLicense>> {
    // Of just the size, for each user of a report.
    let mut licenses = Vec::with_capacity(user.licenses_of_groups().count());
    licenses.extend(user.licenses_of_groups().map(|(sku_id, group_id)| GroupLicense {
        group_id: group_id.to_owned(),
        sku_id: sku_id.to_owned(),
    }));
    (!licenses.is_empty()).then_some(licenses)
}

/// A provisioned plan as the contract has it, in accounts and in reports.
pub fn provisioned_plan(plan: users::ProvisionedPlan) -> ProvisionedPlan {
    ProvisionedPlan {
        capability_status: plan.capability_status,
        provisioning_status: plan.provisioning_status,
        service: plan.service,
    }
}
