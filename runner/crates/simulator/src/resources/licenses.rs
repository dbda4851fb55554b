//! Assigning licences, and their details.

use serde_json::{Value, json};

use super::accounts::existing;
use super::{collection, look, single, skus, users};
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::lag::UserView;
use crate::odata::select;
use crate::plans::Plans;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{License, ServicePlan, Target, Tenant, User};
use crate::time::Time;
use graph::licensing::{Change, Subscription, Wanted};

/// `POST /users/{id}/assignLicense`: 200 with the user. Assigning a licence again changes its plans,
/// and takes no second seat.
pub fn assign(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    let change = Change::read(&exchange.object()?)?;
    let (seen, name) = look(tenant, exchange, key)?;
    let id = match seen {
        UserView::Now(id) => id,
        UserView::Before(user) => user.id,
        UserView::Absent => return Err(Refusal::absent(&name)),
        // Observed for newly created users.
        UserView::NotReplicated => return Err(Refusal::invalid_location()),
    };
    let before = tenant.users.get(id).cloned().ok_or_else(|| Refusal::absent(&name))?;
    let mut user = before.clone();
    let direct = |own: &&License| own.assigned_by_group.is_none();
    let had: Vec<Guid> = user.licenses.iter().filter(direct).map(|own| own.sku_id).collect();
    let inherited =
        |id: &&Guid| !had.contains(id) && user.licenses.iter().any(|own| own.sku_id == **id);
    if change.remove.iter().any(|id| inherited(&id)) {
        return Err(Refusal::inherited_license());
    }
    // A licence that the user has by a group takes no second seat.
    let by_groups = user.assigned().into_iter().map(|own| own.sku_id);
    let by_groups: Vec<Guid> = by_groups.filter(|id| !had.contains(id)).collect();
    let had = had.into_iter().chain(by_groups).collect();
    change.check(had, user.usage_location.is_some(), |sku_id| tenant.subscription(sku_id))?;
    user.licenses
        .retain(|own| own.assigned_by_group.is_some() || !change.remove.contains(&own.sku_id));
    for wanted in &change.add {
        give(&mut user, wanted, exchange);
    }
    tenant.check_exclusive(&user)?;
    // The mailbox follows the licence, so this response has no address yet.
    let answered = tenant.with_plans(&before, &user, exchange.at);
    let json = users::entity(tenant, exchange, &answered);
    tenant.keep_licenses(before, user, exchange.at);
    Ok(Response::json(json))
}

/// The properties of a licence's details.
const DETAILS: [&str; 4] = ["id", "skuId", "skuPartNumber", "servicePlans"];

/// `GET /users/{id}/licenseDetails`.
pub fn details(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DETAILS.into_iter(), "licenseDetails")?;
    let id = existing(tenant, exchange, key)?;
    let items = tenant.details(id).into_iter();
    Ok(collection(exchange, &format!("users('{id}')/licenseDetails"), items, names.as_deref()))
}

/// `GET /users/{id}/licenseDetails/{id}`.
pub fn detail(
    tenant: &mut Tenant,
    exchange: &Exchange<'_>,
    key: &Key,
    detail: &str,
) -> ResponseOrRefusal {
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, DETAILS.into_iter(), "licenseDetails")?;
    let id = existing(tenant, exchange, key)?;
    let found = tenant.details(id).into_iter().find(|own| own["id"] == detail);
    let found = found.ok_or_else(|| Refusal::absent(detail))?;
    Ok(single(exchange, &format!("users('{id}')/licenseDetails"), found, names.as_deref()))
}

/// Assigns a licence to `user`, or changes its plans.
fn give(user: &mut User, wanted: &Wanted, exchange: &Exchange<'_>) {
    let Wanted { sku_id, disabled_plans } = wanted;
    let license = License::direct(*sku_id, disabled_plans.clone(), exchange.at);
    let is_own = |own: &License| own.sku_id == *sku_id && own.assigned_by_group.is_none();
    match user.licenses.iter_mut().find(|own| is_own(own)) {
        Some(own) if own.disabled_plans == *disabled_plans => {}
        Some(own) => *own = license,
        None => user.licenses.push(license),
    }
}

impl Tenant {
    /// Returns the subscription `sku_id` for the rules on licences.
    pub(super) fn subscription(&self, sku_id: Guid) -> Subscription {
        match self.sku(sku_id) {
            None => Subscription::NotOwned,
            Some(sku) => Subscription::Owned {
                for_users: sku.applies_to == Target::User,
                free: sku.free(),
                plans: Some(sku.service_plans.iter().map(|plan| plan.service_plan_id).collect()),
            },
        }
    }

    /// Returns the enabled plans of the licences of `user`.
    fn enabled_plans(&self, user: &User) -> Vec<Guid> {
        let mut enabled = Vec::new();
        for own in user.assigned() {
            let plans = self.sku(own.sku_id).into_iter().flat_map(|sku| own.enabled(sku));
            enabled.extend(plans.map(|plan| plan.service_plan_id));
        }
        enabled
    }

    /// Checks for mutually exclusive plans.
    pub(super) fn check_exclusive(&self, user: &User) -> Result<(), Refusal> {
        let enabled = self.enabled_plans(user);
        for group in &self.exclusive_plans {
            let both: Vec<String> =
                group.iter().filter(|id| enabled.contains(id)).map(Guid::to_string).collect();
            if both.len() > 1 {
                return Err(Refusal::bad(format!(
                    "License assignment failed because service plans {} are mutually exclusive.",
                    both.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// Keeps the licences of a user, with its plans, seats and mailbox.
    pub(super) fn keep_licenses(&mut self, before: User, after: User, at: Time) {
        let mut user = self.with_plans(&before, &after, at);
        self.count_seats(&before, &user);
        if user.mail.is_none() && self.has_mailbox(&user) {
            user.mail = Some(user.user_principal_name.clone());
        }
        let id = user.id;
        self.users.change(id, |own| *own = user);
        self.wrote(id, Some(before));
    }

    /// Returns `after` with its plans, among them the remains of those that `before` had.
    fn with_plans(&self, before: &User, after: &User, at: Time) -> User {
        let mut user = after.clone();
        let (had, has) = (before.assigned(), after.assigned());
        let is_kept = |own: &License| has.iter().any(|one| one.sku_id == own.sku_id);
        if user.plans.is_none() && had.iter().all(is_kept) {
            return user;
        }
        let mut plans = self.plans(before);
        plans.delete_all_but(&self.enabled_plans(&user), at);
        for license in has.iter().filter(|own| !had.contains(own)) {
            if let Some(sku) = self.sku(license.sku_id) {
                plans.add(license, sku);
            }
        }
        user.plans = (plans != Plans::default()).then(|| Box::new(plans));
        user
    }

    fn count_seats(&mut self, before: &User, after: &User) {
        for license in before.assigned() {
            if !after.has_license(license.sku_id) {
                self.release(license.sku_id);
            }
        }
        for license in after.assigned() {
            let sku = self.skus.iter_mut().find(|sku| sku.sku_id == license.sku_id);
            if let (false, Some(sku)) = (before.has_license(license.sku_id), sku) {
                sku.consumed_units = sku.consumed_units.saturating_add(1);
            }
        }
    }

    /// Returns Graph's `licenseDetails` of the user `id`.
    fn details(&self, id: Guid) -> Vec<Value> {
        let assigned = self.users.get(id).map(User::assigned).unwrap_or_default();
        let skus = assigned.iter().filter_map(|own| Some((own, self.sku(own.sku_id)?)));
        skus.map(|(license, sku)| {
            let detail = Guid::of(&[id.to_string().as_bytes(), sku.sku_id.to_string().as_bytes()]);
            let off = |plan: &ServicePlan| license.disabled_plans.contains(&plan.service_plan_id);
            let plans = sku.service_plans.iter().map(|plan| skus::plan_json(plan, off(plan)));
            json!({
                "id": detail.simple(),
                "skuId": sku.sku_id,
                "skuPartNumber": sku.sku_part_number,
                "servicePlans": plans.collect::<Vec<Value>>(),
            })
        })
        .collect()
    }
}
