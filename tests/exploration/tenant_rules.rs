//! What must hold of the tenant, whatever the run says.

use std::collections::BTreeMap;

use runner::simulator::tenant::{License, User};
use runner::simulator::{Guid, Tenant};
use serde_json::Value;

use crate::rules::{Facts, must};

/// Checks it.
pub fn check(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    one_user(facts, wrong);
    others(facts, wrong);
    seats(facts, wrong);
    plans(facts, wrong);
    mails(facts, wrong);
}

/// At most one user was ever created, and none by an action that does not create.
fn one_user(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let (before, after) = (facts.before, &facts.ran.tenant);
    let all = |tenant: &Tenant| tenant.users.len() + tenant.deleted_users.len();
    let created = all(after) - all(before);
    let allowed = usize::from(facts.action() == "create-user");
    must(wrong, created <= allowed, || format!("{created} users were created"));
    let deleted = after.deleted_users.len() - before.deleted_users.len();
    let allowed = usize::from(matches!(facts.action(), "create-user" | "delete-user"));
    must(wrong, deleted <= allowed, || format!("{deleted} users were deleted"));
}

/// Nobody is touched but the user that the action is about.
fn others(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let own = [facts.user_before(), facts.user_after()].map(|user| user.map(|user| user.id));
    let may_write = !facts.action().starts_with("send-") && facts.case.user().is_some();
    let is_other = |user: &&User| !may_write || !own.contains(&Some(user.id));
    let after = &facts.ran.tenant.users;
    for user in facts.before.users.iter().filter(is_other) {
        let same = after.get(user.id).is_some_and(|now| is_same(now, user));
        must(wrong, same, || format!("{} was changed", user.user_principal_name));
    }
}

fn is_same(one: &User, other: &User) -> bool {
    one.licenses == other.licenses
        && one.plans == other.plans
        && one.user_principal_name == other.user_principal_name
        && one.display_name == other.display_name
        && one.usage_location == other.usage_location
        && one.account_enabled == other.account_enabled
}

/// Seats in use are licences assigned.
fn seats(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let licences = |tenant: &Tenant| {
        let mut licences: BTreeMap<Guid, i64> = BTreeMap::new();
        for license in tenant.users.iter().flat_map(User::assigned) {
            *licences.entry(license.sku_id).or_default() += 1;
        }
        licences
    };
    let (before, after) = (licences(facts.before), licences(&facts.ran.tenant));
    for (old, new) in facts.before.skus.iter().zip(&facts.ran.tenant.skus) {
        let count = |licences: &BTreeMap<_, _>| licences.get(&new.sku_id).copied().unwrap_or(0);
        let taken = i64::from(new.consumed_units) - i64::from(old.consumed_units);
        let given = count(&after) - count(&before);
        must(wrong, taken == given, || {
            format!(
                "{taken} more seats of {} are in use, and {given} more licences are assigned",
                new.sku_part_number
            )
        });
    }
}

/// Plans that were switched off are still off, and no licence is taken away, directly or by a
/// group. Errors of licences stay what they are.
fn plans(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let (Some(before), Some(after)) = (facts.user_before(), facts.user_after()) else { return };
    let is_same = |now: &License, license: &License| {
        now.sku_id == license.sku_id && now.assigned_by_group == license.assigned_by_group
    };
    let find = |license: &License| after.licenses.iter().find(|now| is_same(now, license));
    for license in &before.licenses {
        let same = find(license).is_some_and(|now| {
            now.disabled_plans == license.disabled_plans && now.error == license.error
        });
        must(wrong, same, || {
            format!("the licence {} is another: {:?}", license.sku_id, find(license))
        });
    }
}

/// A notification is sent once at most, to its recipient, and nothing else sends any.
fn mails(facts: &Facts<'_>, wrong: &mut Vec<String>) {
    let allowed = usize::from(facts.action().starts_with("send-"));
    let mails = facts.mails();
    must(wrong, mails <= allowed, || format!("{mails} mails were sent"));
    let recipient = facts.case.scenario.input.get("recipient").and_then(Value::as_str);
    for mail in facts.ran.tenant.mail.iter().skip(facts.before.mail.len()) {
        let right = mail.to.iter().map(String::as_str).eq(recipient);
        must(wrong, right, || format!("a mail was sent to {}", mail.to.join(", ")));
    }
}
