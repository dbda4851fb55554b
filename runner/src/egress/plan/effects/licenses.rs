//! Assigning licences.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Effect, NoEffect, Write};
use crate::egress::plan::lookups::{Lookup, Lookups};
use crate::egress::plan::overlay::{STATES, User};
use crate::egress::plan::responses::response;
use crate::egress::plan::skus::Skus;
use crate::graph::licensing::{Change, Wanted};
use crate::graph::{self, Guid};

/// `POST /users/{id}/assignLicense`.
pub async fn assign(lookups: &Lookups<'_>, write: &Write<'_>) -> Result<Effect, NoEffect> {
    let body = write.media.object(write.body)?;
    let change = Change::read(&body)?;
    let target = write.target();
    let user = match lookups.user(target, &["usageLocation", "assignedLicenses", STATES]).await? {
        Lookup::Found(user) => Some(user),
        Lookup::Absent => return Err(target.absent("changes no licence")),
        Lookup::Unknown(_) => None,
    };
    let changed = Changed { name: target.name(), user, change };
    lookups.subscriptions(changed.switches_plans_off()).await?;
    if !changed.change.add.is_empty() {
        lookups.unchecked(format!(
            "Whether the service plans exclude, or depend on, others that the user {} has: Graph tells only when a licence is assigned.",
            changed.name()
        ));
    }
    let mut state = lookups.state();
    changed.check(&state.overlay.skus)?;
    let changes = changed.in_words(&state.overlay.skus);
    changed.count_seats(&mut state.overlay.skus);
    let list = |field: &str| graph::member(&body, field).and_then(Value::as_array).cloned();
    let [added, removed] =
        ["addLicenses", "removeLicenses"].map(|field| list(field).unwrap_or_default());
    state.overlay.assign(changed.key(), &added, &removed);
    Ok(Effect { changes, response: response(StatusCode::OK, Some(changed.shown().into())) })
}

struct Changed {
    /// The key of the user in the write.
    name: String,
    /// The user, if the tenant showed it.
    user: Option<User>,
    change: Change,
}

impl Changed {
    fn name(&self) -> &str {
        self.user.as_ref().map_or(&self.name, |user| &user.name)
    }

    fn key(&self) -> &str {
        self.user.as_ref().map_or(&self.name, |user| &user.id)
    }

    fn shown(&self) -> Map<String, Value> {
        match &self.user {
            Some(user) => user.default_set(),
            None => Map::from_iter([("id".to_owned(), Value::from(self.name.as_str()))]),
        }
    }

    /// Returns the disabled plans of a licence of the user.
    fn had(&self, sku_id: Guid) -> Option<Vec<Guid>> {
        let license = self.user.as_ref()?.license(sku_id)?;
        let plans = license.get("disabledPlans").and_then(Value::as_array).into_iter().flatten();
        Some(plans.filter_map(|plan| plan.as_str()?.parse().ok()).collect())
    }

    /// Returns the disabled plans of a licence that the user keeps.
    fn kept(&self, sku_id: Guid) -> Option<Vec<Guid>> {
        self.had(sku_id).filter(|_| !self.change.remove.contains(&sku_id))
    }

    /// Whether the change disables further service plans.
    fn switches_plans_off(&self) -> bool {
        let switches = |wanted: &Wanted| {
            let had = self.had(wanted.sku_id).unwrap_or_default();
            wanted.disabled_plans.iter().any(|plan| !had.contains(plan))
        };
        self.change.add.iter().any(switches)
    }

    fn check(&self, skus: &Skus) -> Result<(), NoEffect> {
        let Some(user) = &self.user else { return Ok(()) };
        let is_located = user.text("usageLocation").is_some();
        let checked = self.change.check(user.skus(), is_located, |id| skus.subscription(id));
        checked.map_err(|refusal| {
            let reason =
                format!("changes no licence of the user {}: {}", user.name, refusal.message);
            NoEffect::Refused(reason, refusal)
        })
    }

    fn count_seats(&self, skus: &mut Skus) {
        self.change.remove.iter().for_each(|sku_id| skus.release(*sku_id));
        // A duplicate takes one seat.
        let added: BTreeSet<Guid> = self.change.add.iter().map(|wanted| wanted.sku_id).collect();
        let new = added.into_iter().filter(|sku_id| self.kept(*sku_id).is_none());
        new.for_each(|sku_id| skus.take(sku_id));
    }

    fn in_words(&self, skus: &Skus) -> String {
        let name = self.name();
        let taken = self.change.remove.iter().map(|sku_id| {
            format!("takes the licence {} from the user {name}", skus.name(&sku_id.to_string()))
        });
        let given = self.change.add.iter().map(|wanted| {
            let sku = skus.name(&wanted.sku_id.to_string());
            let group = self.user.as_ref().and_then(|user| user.only_group(wanted.sku_id));
            match (self.kept(wanted.sku_id), group) {
                (Some(_), Some(group)) => beside_in_words(&sku, name, group),
                (Some(had), None) => kept_in_words(&sku, name, &had, &wanted.disabled_plans),
                (None, _) => given_in_words(&sku, name, wanted.disabled_plans.len()),
            }
        });
        let changes: Vec<String> = taken.chain(given).collect();
        match changes.is_empty() {
            true => format!("leaves the licences of the user {name} as they are"),
            false => changes.join("; "),
        }
    }
}

fn given_in_words(sku: &str, name: &str, off: usize) -> String {
    let without = match off {
        0 => String::new(),
        1 => ", without one of its service plans".to_owned(),
        count => format!(", without {count} of its service plans"),
    };
    format!("assigns the licence {sku} to the user {name}{without}")
}

/// Describes the direct assignment of a licence that the user has by a group.
fn beside_in_words(sku: &str, name: &str, group: &str) -> String {
    format!(
        "assigns the licence {sku} directly to the user {name}, who has it by the group {group}: it takes no new seat"
    )
}

/// Describes the change of a licence that the user has.
fn kept_in_words(sku: &str, name: &str, had: &[Guid], wanted: &[Guid]) -> String {
    let off = wanted.iter().filter(|plan| !had.contains(plan)).count();
    let on = had.iter().filter(|plan| !wanted.contains(plan)).count();
    if off == 0 && on == 0 {
        return format!(
            "leaves the licence {sku} of the user {name} as it is: it takes no new seat"
        );
    }
    format!(
        "changes the licence {sku} of the user {name}, which takes no new seat: service plans switched off: {off}, switched on: {on}"
    )
}
