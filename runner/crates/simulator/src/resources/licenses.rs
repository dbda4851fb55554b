//! Assigning licences, and their details.

use serde_json::{Value, json};

use super::accounts::existing;
use super::{look, skus, users};
use crate::exchange::{Exchange, Response, ResponseOrRefusal};
use crate::guid::Guid;
use crate::lag::UserView;
use crate::odata::select;
use crate::plans::Plans;
use crate::refusal::Refusal;
use crate::route::Key;
use crate::tenant::{License, Target, Tenant, User};
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
    let had = user.licenses.iter().map(|own| own.sku_id).collect();
    change.check(had, user.usage_location.is_some(), |sku_id| tenant.subscription(sku_id))?;
    user.licenses.retain(|own| !change.remove.contains(&own.sku_id));
    for wanted in &change.add {
        give(&mut user, wanted, exchange);
    }
    tenant.check_exclusive(&user)?;
    if !change.remove.is_empty() || user.plans.is_some() {
        tenant.settle_plans(&before, &mut user, exchange);
    }
    tenant.count_seats(&before, &user);
    // The mailbox follows the licence, so this response has no address yet.
    let json = users::entity(tenant, exchange, &user, None);
    if user.mail.is_none() && tenant.has_mailbox(&user) {
        user.mail = Some(user.user_principal_name.clone());
    }
    tenant.users.change(id, |own| *own = user);
    tenant.wrote(id, Some(before));
    Ok(Response::json(json))
}

/// `GET /users/{id}/licenseDetails`.
pub fn details(tenant: &mut Tenant, exchange: &Exchange<'_>, key: &Key) -> ResponseOrRefusal {
    const PROPERTIES: [&str; 4] = ["id", "skuId", "skuPartNumber", "servicePlans"];
    exchange.query.only(&["$select"])?;
    let names = select::selected(&exchange.query, PROPERTIES.into_iter(), "licenseDetails")?;
    let id = existing(tenant, exchange, key)?;
    let licenses = tenant.users.get(id).map(|user| user.licenses.clone()).unwrap_or_default();
    let value: Vec<Value> = licenses
        .iter()
        .filter_map(|license| {
            let sku = tenant.sku(license.sku_id)?;
            let detail = Guid::of(&[id.to_string().as_bytes(), sku.sku_id.to_string().as_bytes()]);
            let plans: Vec<Value> = sku
                .service_plans
                .iter()
                .map(|plan| {
                    let off = license.disabled_plans.contains(&plan.service_plan_id);
                    skus::plan_json(plan, off)
                })
                .collect();
            let json = json!({
                "id": detail.simple(),
                "skuId": sku.sku_id,
                "skuPartNumber": sku.sku_part_number,
                "servicePlans": plans,
            });
            Some(select::only(json, names.as_deref()))
        })
        .collect();
    Ok(Response::json(json!({
        "@odata.context": format!("{}/$metadata#users('{id}')/licenseDetails", exchange.base),
        "value": value,
    })))
}

/// Assigns a licence to `user`, or changes its plans.
fn give(user: &mut User, wanted: &Wanted, exchange: &Exchange<'_>) {
    let Wanted { sku_id, disabled_plans } = wanted;
    let license = License {
        sku_id: *sku_id,
        disabled_plans: disabled_plans.clone(),
        assigned_date_time: exchange.at,
    };
    match user.licenses.iter_mut().find(|own| own.sku_id == *sku_id) {
        Some(own) if own.disabled_plans == *disabled_plans => {}
        Some(own) => *own = license,
        None => user.licenses.push(license),
    }
}

impl Tenant {
    /// Returns the subscription `sku_id` for the rules on licences.
    fn subscription(&self, sku_id: Guid) -> Subscription {
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
        let skus = user.licenses.iter().filter_map(|own| Some((own, self.sku(own.sku_id)?)));
        skus.flat_map(|(own, sku)| own.enabled(sku)).map(|plan| plan.service_plan_id).collect()
    }

    /// Checks for mutually exclusive plans.
    fn check_exclusive(&self, user: &User) -> Result<(), Refusal> {
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

    /// Updates the plans of `user`, with the remains of removed ones.
    fn settle_plans(&self, before: &User, user: &mut User, exchange: &Exchange<'_>) {
        let mut plans = self.plans(before);
        plans.delete_all_but(&self.enabled_plans(user), exchange.at);
        let added: Vec<&License> =
            user.licenses.iter().filter(|own| !before.licenses.contains(own)).collect();
        for license in added {
            if let Some(sku) = self.sku(license.sku_id) {
                plans.add(license, sku);
            }
        }
        user.plans = (plans != Plans::default()).then(|| Box::new(plans));
    }

    fn count_seats(&mut self, before: &User, after: &User) {
        let has = |user: &User, id: Guid| user.licenses.iter().any(|own| own.sku_id == id);
        for license in before.licenses.iter().filter(|own| !has(after, own.sku_id)) {
            self.release(license.sku_id);
        }
        for license in after.licenses.iter().filter(|own| !has(before, own.sku_id)) {
            if let Some(sku) = self.skus.iter_mut().find(|sku| sku.sku_id == license.sku_id) {
                sku.consumed_units = sku.consumed_units.saturating_add(1);
            }
        }
    }
}
