//! Licences by groups. Source: "Group-based licensing in Microsoft Entra ID".
//!
//! A group's licences go to its direct members, also without a usage location: they then have the
//! tenant's. A licence that cannot be assigned is an error of the member, and stays one until the
//! member is processed again.

use http::StatusCode;

use super::accounts::existing;
use super::json::{self, Shape};
use super::users;
use crate::exchange::{Body, Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::objects::{Object, Type};
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{GroupLicense, License, LicenseError, Tenant, User};
use crate::time::Time;
use graph::licensing::Change;

/// `POST /groups/{id}/assignLicense`: 202 with the group. Graph processes the members later, the
/// simulator at once.
pub fn assign(tenant: &mut Tenant, exchange: &Exchange<'_>, id: &str) -> ResponseOrRefusal {
    let change = Change::read(&exchange.object()?)?;
    let group = tenant.group(id)?;
    if !group.security_enabled && !change.add.is_empty() {
        // Source: as above: security groups, and Microsoft 365 groups that are one.
        return Err(Refusal::bad("Licenses can be assigned to security enabled groups only."));
    }
    let mut licenses = group.licenses.clone();
    let id = group.id;
    for sku_id in &change.remove {
        let before = licenses.len();
        licenses.retain(|own| own.sku_id != *sku_id);
        if licenses.len() == before {
            return Err(Refusal::group_without_license());
        }
    }
    for wanted in &change.add {
        wanted.check(true, tenant.subscription(wanted.sku_id))?;
        licenses.retain(|own| own.sku_id != wanted.sku_id);
        let disabled_plans = wanted.disabled_plans.clone();
        licenses.push(GroupLicense { sku_id: wanted.sku_id, disabled_plans });
    }
    let mut members = Vec::new();
    if let Some(group) = tenant.groups.get_mut(id) {
        group.licenses = licenses;
        members.extend(group.members.iter().copied());
    }
    tenant.settle_members(members, exchange.at);
    let group = tenant.groups.get(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    let object = Object::Group(group);
    let body = json::entity(tenant, exchange, object, &Shape::default(), Type::Group);
    Ok(Response {
        status: StatusCode::ACCEPTED,
        headers: Vec::new(),
        body: Body::Json(body.into()),
    })
}

/// `POST /users/{id}/reprocessLicenseAssignment`: 200 with the user, whose errors are tried again.
pub fn reprocess(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let id = existing(tenant, exchange, key)?;
    tenant.users.change(id, |user| user.licenses.retain(|own| own.error.is_none()));
    tenant.settle_members([id], exchange.at);
    let user = tenant.users.get(id).ok_or_else(|| Refusal::absent(&id.to_string()))?;
    Ok(Response::json(users::entity(tenant, exchange, user)))
}

impl Tenant {
    /// Gives each of the `members` the licences of its groups, and takes those of former groups.
    pub(super) fn settle_members(&mut self, members: impl IntoIterator<Item = Guid>, at: Time) {
        for id in members {
            let Some(before) = self.users.get(id).cloned() else { continue };
            let wanted = self.licenses_by_groups(id);
            let mut user = before.clone();
            user.licenses.retain(|own| {
                own.assigned_by_group.is_none_or(|group| {
                    wanted.iter().any(|(by, license)| *by == group && license.sku_id == own.sku_id)
                })
            });
            for (group, license) in wanted {
                self.give_by_group(&mut user, group, license, at);
            }
            if user.licenses != before.licenses {
                self.keep_licenses(before, user, at);
            }
        }
    }

    /// Returns the licences that the user `id` has by groups, with these.
    fn licenses_by_groups(&self, id: Guid) -> Vec<(Guid, GroupLicense)> {
        let groups = self.groups.of_member(id);
        groups.flat_map(|own| own.licenses.iter().map(|by| (own.id, by.clone()))).collect()
    }

    fn give_by_group(&self, user: &mut User, group: Guid, license: GroupLicense, at: Time) {
        let GroupLicense { sku_id, disabled_plans } = license;
        let is_own = |own: &License| own.sku_id == sku_id && own.assigned_by_group == Some(group);
        let place = user.licenses.iter().position(is_own);
        let had = place.map(|place| user.licenses.remove(place));
        if had.as_ref().is_some_and(|had| had.disabled_plans == disabled_plans) {
            user.licenses.extend(had);
            return;
        }
        let has_seat = user.has_license(sku_id) || had.is_some_and(|had| had.error.is_none());
        let direct = License::direct(sku_id, disabled_plans, at);
        user.licenses.push(License { assigned_by_group: Some(group), ..direct });
        let free = self.sku(sku_id).map_or(0, |sku| sku.free());
        let error = match (has_seat || free > 0, self.check_exclusive(user).is_ok()) {
            (false, _) => Some(LicenseError::CountViolation),
            (_, false) => Some(LicenseError::MutuallyExclusiveViolation),
            _ => None,
        };
        if let Some(last) = user.licenses.last_mut() {
            last.error = error;
        }
    }
}
