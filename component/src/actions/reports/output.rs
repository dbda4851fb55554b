//! A user as reports show it.

use alloc::vec::Vec;

use crate::actions::accounts::output::{by_group, provisioned_plan};
use crate::bindings::exports::connector::office365::reports::{
    AssignedServicePlan, LicenseError, ReportedUser,
};
use crate::graph::users::{self, LicenseState, User};

/// `user` as the contract has it. A user has a user principal name, so that the object id
/// stands in for a mail address only where Graph left both out.
pub fn reported(user: User) -> ReportedUser {
    ReportedUser {
        assigned_by_group: by_group(&user),
        license_errors: license_errors(user.license_states),
        display_name: user.display_name,
        email: user.mail.or(user.user_principal_name).unwrap_or(user.id),
        assigned_service_plans: exact(user.assigned_plans, assigned_plan),
        provisioned_service_plans: exact(user.provisioned_plans, provisioned_plan),
    }
}

/// `list` with each item put through `convert`, in memory of just the size: collecting
/// would keep the larger memory of `list`, for each user of a report.
fn exact<A, B>(list: Vec<A>, convert: fn(A) -> B) -> Vec<B> {
    let mut converted = Vec::with_capacity(list.len());
    converted.extend(list.into_iter().map(convert));
    converted
}

fn license_errors(states: Vec<LicenseState>) -> Option<Vec<LicenseError>> {
    let errors = states.into_iter().filter(LicenseState::is_error);
    let errors: Vec<LicenseError> = errors.map(license_error).collect();
    (!errors.is_empty()).then_some(errors)
}

fn license_error(state: LicenseState) -> LicenseError {
    LicenseError {
        error: state.error,
        group_id: state.group_id,
        sku_id: state.sku_id,
        state: state.state,
    }
}

fn assigned_plan(plan: users::AssignedPlan) -> AssignedServicePlan {
    AssignedServicePlan { name: plan.service, status: plan.capability_status }
}
