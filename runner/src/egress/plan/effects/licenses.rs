//! Licences given and taken.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Effect, Undone, Write};
use crate::egress::plan::answers::answer;
use crate::egress::plan::looks::{Looks, Sight};
use crate::egress::plan::overlay::User;
use crate::egress::plan::skus::Skus;
use crate::graph::licensing::{Change, Wanted};
use crate::graph::{self, Guid};

/// `POST /users/{id}/assignLicense`.
pub async fn assign(looks: &Looks<'_>, write: &Write<'_>) -> Result<Effect, Undone> {
    let body = graph::object(write.body)?;
    let change = Change::read(&body)?;
    let whom = write.whom();
    let user = match looks.user(whom, &["usageLocation", "assignedLicenses"]).await? {
        Sight::There(user) => Some(user),
        Sight::Absent => return Err(whom.absent("changes no licence")),
        Sight::Unknown(_) => None,
    };
    let changed = Changed { name: whom.name(), user, change };
    looks.subscriptions(changed.switches_plans_off()).await?;
    if !changed.change.add.is_empty() {
        looks.unchecked(format!(
            "Whether the service plans exclude, or depend on, others that the user {} has: Graph tells only when a licence is assigned.",
            changed.name()
        ));
    }
    let mut state = looks.state();
    changed.check(&state.overlay.skus)?;
    let changes = changed.in_words(&state.overlay.skus);
    changed.count_seats(&mut state.overlay.skus);
    let list = |field: &str| graph::member(&body, field).and_then(Value::as_array).cloned();
    let [added, removed] =
        ["addLicenses", "removeLicenses"].map(|field| list(field).unwrap_or_default());
    state.overlay.assign(changed.key(), &added, &removed);
    Ok(Effect { changes, answer: answer(StatusCode::OK, Some(changed.shown().into())) })
}

/// A change of a user's licences.
struct Changed {
    /// What the write calls the user.
    name: String,
    /// The user; none where it was not to be seen.
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

    /// Graph's response.
    fn shown(&self) -> Map<String, Value> {
        match &self.user {
            Some(user) => user.default_set(),
            None => Map::from_iter([("id".to_owned(), Value::from(self.name.as_str()))]),
        }
    }

    /// The plans that are switched off on a licence, if the user has it.
    fn had(&self, sku_id: Guid) -> Option<Vec<Guid>> {
        let license = self.user.as_ref()?.license(sku_id)?;
        let plans = license.get("disabledPlans").and_then(Value::as_array).into_iter().flatten();
        Some(plans.filter_map(|plan| plan.as_str()?.parse().ok()).collect())
    }

    /// The same, if the user keeps it.
    fn kept(&self, sku_id: Guid) -> Option<Vec<Guid>> {
        self.had(sku_id).filter(|_| !self.change.remove.contains(&sku_id))
    }

    /// Whether service plans are switched off that were not before.
    fn switches_plans_off(&self) -> bool {
        let switches = |wanted: &Wanted| {
            let had = self.had(wanted.sku_id).unwrap_or_default();
            wanted.disabled_plans.iter().any(|plan| !had.contains(plan))
        };
        self.change.add.iter().any(switches)
    }

    fn check(&self, skus: &Skus) -> Result<(), Undone> {
        let Some(user) = &self.user else { return Ok(()) };
        let is_located = user.text("usageLocation").is_some();
        let checked = self.change.check(user.skus(), is_located, |id| skus.subscription(id));
        checked.map_err(|refusal| Undone::Refused {
            reason: format!("changes no licence of the user {}: {}", user.name, refusal.message),
            refusal,
        })
    }

    fn count_seats(&self, skus: &mut Skus) {
        self.change.remove.iter().for_each(|sku_id| skus.release(*sku_id));
        // One that is asked for twice takes one seat.
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
            match self.kept(wanted.sku_id) {
                Some(had) => kept_in_words(&sku, name, &had, &wanted.disabled_plans),
                None => given_in_words(&sku, name, wanted.disabled_plans.len()),
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

/// What becomes of a licence that the user has.
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
