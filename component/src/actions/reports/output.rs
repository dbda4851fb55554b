//! Reports as the contract has them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::users::{Kept, Reported, Users};
use crate::bindings::exports::connector::office365::accounts::{GroupLicense, ProvisionedPlan};
use crate::bindings::exports::connector::office365::reports::{
    self, AssignedServicePlan, LicenseError, ReportedUser,
};
use crate::graph::texts::{Text, Texts};

/// A whole report.
pub struct Report {
    /// What it shows.
    pub description: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its users.
    pub users: Users,
}

/// One page of a report.
pub struct ReportPage {
    /// Its users.
    pub users: Users,
    /// The cursor of the next page.
    pub next_cursor: Option<String>,
}

impl Report {
    /// The contract's report, with what `users` makes of the users.
    #[inline(always)]
    pub fn with(self, users: impl FnOnce(Users) -> Vec<ReportedUser>) -> reports::Report {
        reports::Report {
            description: self.description.to_owned(),
            title: self.title.to_owned(),
            users: users(self.users),
        }
    }
}

impl ReportPage {
    /// The contract's page, with what `users` makes of the users.
    #[inline(always)]
    pub fn with(self, users: impl FnOnce(Users) -> Vec<ReportedUser>) -> reports::ReportPage {
        reports::ReportPage { users: users(self.users), next_cursor: self.next_cursor }
    }
}

/// The users as the bindings have them, where each user has copies of what all share. That is
/// for Rust without a sandbox; see `super::lowering` for the component.
pub fn copied(users: Users) -> Vec<ReportedUser> {
    let (parts, kept) = users.into_parts();
    parts.iter().flat_map(|part| part.users()).map(|user| reported(&user, &kept)).collect()
}

fn reported(user: &Reported<'_>, kept: &Kept) -> ReportedUser {
    let Kept { texts, assigned_plans, provisioned_plans, by_group, errors } = kept;
    let row = user.row;
    let groups = each(by_group.get(row.by_group), texts, group_license);
    let errors = each(errors.get(row.errors), texts, license_error);
    ReportedUser {
        display_name: user.display_name.map(str::to_owned),
        email: user.email.to_owned(),
        assigned_service_plans: each(assigned_plans.get(row.assigned_plans), texts, assigned_plan),
        provisioned_service_plans: each(
            provisioned_plans.get(row.provisioned_plans),
            texts,
            provisioned_plan,
        ),
        assigned_by_group: (!groups.is_empty()).then_some(groups),
        license_errors: (!errors.is_empty()).then_some(errors),
    }
}

/// What `make` makes of each item of `list`, which has N texts or gaps.
fn each<const N: usize, T>(
    list: &[Option<Text>],
    texts: &Texts,
    make: fn(&[Option<Text>; N], &Texts) -> T,
) -> Vec<T> {
    let (items, _) = list.as_chunks();
    items.iter().map(|item| make(item, texts)).collect()
}

fn owned(text: Option<Text>, texts: &Texts) -> Option<String> {
    text.map(|text| texts.get(text).to_owned())
}

fn assigned_plan(&[name, status]: &[Option<Text>; 2], texts: &Texts) -> AssignedServicePlan {
    AssignedServicePlan { name: owned(name, texts), status: owned(status, texts) }
}

fn provisioned_plan(
    &[capability_status, provisioning_status, service]: &[Option<Text>; 3],
    texts: &Texts,
) -> ProvisionedPlan {
    ProvisionedPlan {
        capability_status: owned(capability_status, texts),
        provisioning_status: owned(provisioning_status, texts),
        service: owned(service, texts),
    }
}

fn group_license(&[group_id, sku_id]: &[Option<Text>; 2], texts: &Texts) -> GroupLicense {
    GroupLicense {
        group_id: owned(group_id, texts).unwrap_or_default(),
        sku_id: owned(sku_id, texts).unwrap_or_default(),
    }
}

fn license_error(
    &[error, group_id, sku_id, state]: &[Option<Text>; 4],
    texts: &Texts,
) -> LicenseError {
    LicenseError {
        error: owned(error, texts),
        group_id: owned(group_id, texts),
        sku_id: owned(sku_id, texts).unwrap_or_default(),
        state: owned(state, texts),
    }
}
