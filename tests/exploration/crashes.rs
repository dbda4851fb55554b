//! Crashes: which of them are put in beside other faults, and what they change.
//!
//! A run that goes on from its journal ends as it would have without the crash.

use std::collections::BTreeMap;
use std::iter;

use runner::egress::faults::{Fault, Rule, Target};
use runner::simulator::Tenant;
use runner::simulator::tenant::User;
use serde_json::{Value, json};

use crate::rules::{Facts, must};
use support::faulted::{Exchange, Ran};
use support::library::Outcome;

/// What Graph makes anew for each request or by its clock, and in which of its responses it was said.
const OF_ITS_TIME: &[&str] = &["graph", "assignedTimestamp", "assignedDateTime", "createdDateTime"];

/// What a crash changes: it loses the response to a write, and the action cannot find out, or it
/// repeats a read.
struct Otherwise {
    call: &'static str,
    /// A call whose response was lost before.
    after: Option<&'static str>,
    /// The outcome without the crash, where it is another one; else any.
    before: Option<&'static str>,
    /// `done`, or the kind of the error.
    outcome: &'static str,
    /// Why it cannot find out.
    reason: &'static str,
}

/// All of these. After any other crash, the action finds out.
const OTHERWISE: &[Otherwise] = &[
    Otherwise {
        call: "POST /users/{id}/sendMail",
        after: None,
        before: None,
        outcome: "outcome-unknown",
        reason: "no read shows whether a mail was sent, and another would be a second one",
    },
    Otherwise {
        call: "POST /me/sendMail",
        after: None,
        before: None,
        outcome: "outcome-unknown",
        reason: "the same of a mail of the signed-in user",
    },
    Otherwise {
        call: "POST /users",
        after: Some("POST /users"),
        before: None,
        outcome: "outcome-unknown",
        reason: "a user that is there now may be of either attempt or somebody else's",
    },
    Otherwise {
        call: "POST /users",
        after: None,
        before: None,
        outcome: "license-unavailable",
        reason: "a user that was found may be somebody else's, so that it is named and not deleted",
    },
    Otherwise {
        call: "DELETE /users/{id}",
        after: None,
        before: None,
        outcome: "license-unavailable",
        reason: "the time of the run ends before Graph shows the deletion everywhere",
    },
    Otherwise {
        call: "GET /users/{id}",
        after: None,
        before: Some("outcome-unknown"),
        outcome: "done",
        reason: "the read that is repeated shows what the run gave up to wait for",
    },
];

/// Checks that the last crash changed nothing about a run, and returns why it has, if that is one
/// of the reasons. `plain` is the same without it.
pub fn check(plain: &Ran, facts: &Facts<'_>, wrong: &mut Vec<String>) -> Option<&'static str> {
    let (before, ran) = (facts.before, facts.ran);
    let (mut without, mut with) = (left(before, plain), left(before, ran));
    if facts.lost_writes().next().is_some() {
        // What is said of a response that was lost, the other rules hold against the tenant.
        for left in [&mut without, &mut with] {
            left.pointer_mut("/said/message").map(Value::take);
        }
    }
    let difference = difference("", &without, &with)?;
    let row = row(plain, facts);
    must(wrong, row.is_some(), || difference);
    row.map(|row| row.reason)
}

/// The row of the last write whose response was lost, or of the read that is repeated.
fn row(plain: &Ran, facts: &Facts<'_>) -> Option<&'static Otherwise> {
    let mut lost: Vec<String> = facts.lost_writes().map(Exchange::name).collect();
    let repeated = || call(facts.rules.last()?, &facts.ran.asked).map(Exchange::name);
    let last = lost.pop().or_else(repeated)?;
    let is_before = |call: &str| lost.iter().any(|name| name == call);
    let mut rows = OTHERWISE.iter().filter(|row| row.outcome == facts.kind());
    rows.find(|row| {
        row.call == last
            && row.after.is_none_or(is_before)
            && row.before.is_none_or(|before| before == plain.outcome())
    })
}

/// The reasons of the table that no schedule has shown.
pub fn unshown(shown: &BTreeMap<&str, usize>) -> Vec<&'static str> {
    let reasons = OTHERWISE.iter().map(|row| row.reason);
    reasons.filter(|reason| !shown.contains_key(reason)).collect()
}

/// What came of a run, and what it left in the tenant.
fn left(before: &Tenant, ran: &Ran) -> Value {
    let tenant = &ran.tenant;
    let mut users: Vec<Value> = tenant.users.iter().map(|user| json!(user)).collect();
    users.sort_by_key(|user| user["userPrincipalName"].to_string());
    let deleted: Vec<_> = tenant.deleted_users.iter().map(|deleted| &deleted.user).collect();
    let (ended, said) = match &ran.outcome {
        Outcome::Done(said) => ("done", said),
        Outcome::Failed(said) => ("failed", said),
    };
    let left = json!({"ended": ended, "said": said, "users": users, "deleted": deleted,
        "skus": tenant.skus, "mails": tenant.mail.len()});
    let is_new = |user: &&User| before.users.get(user.id).is_none();
    let all = tenant.users.iter().chain(deleted.iter().copied()).filter(is_new);
    let ids: Vec<String> = all.map(|user| user.id.to_string()).collect();
    without_time(left, &ids)
}

/// A value without what is of its time, and without the ids of new objects.
fn without_time(value: Value, ids: &[String]) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| !OF_ITS_TIME.contains(&&**name));
            kept.map(|(name, value)| (name, without_time(value, ids))).collect()
        }
        Value::Array(items) => items.into_iter().map(|item| without_time(item, ids)).collect(),
        Value::String(text) => ids.iter().fold(text, |text, id| text.replace(id, "{id}")).into(),
        value => value,
    }
}

/// The first place where two values differ.
fn difference(place: &str, one: &Value, other: &Value) -> Option<String> {
    let parts: Vec<(String, &Value, &Value)> = match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            let pairs = iter::zip(one, other);
            pairs.map(|((name, one), (_, other))| (name.clone(), one, other)).collect()
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = iter::zip(one, other).enumerate();
            pairs.map(|(index, (one, other))| (index.to_string(), one, other)).collect()
        }
        _ if one == other => return None,
        _ => return Some(format!("{place} is {one} without the crash, and {other} with it")),
    };
    let mut parts = parts.into_iter();
    parts.find_map(|(name, one, other)| difference(&format!("{place}/{name}"), one, other))
}

/// Whether the fault of `rule` may come to something else behind those of `rules`, in a run that
/// makes the calls `asked`.
///
/// Before its first write a run has no journal: it begins again, and the tenant is as it was. A
/// crash that the component cannot tell, since it loses no response to a write, has been seen to
/// change nothing, so that no fault behind it does either, save another crash. And a read has no
/// effect, so that a crash before it is the same as one after it.
pub fn is_telling(rules: &[Rule], rule: &Rule, asked: &[Exchange]) -> bool {
    let is_read = |rule: &Rule| call(rule, asked).is_some_and(|call| call.method.is_safe());
    if !rule.fault.crashes() {
        let is_seen = |rule: &Rule| rule.fault != Fault::CrashNoted && !is_read(rule);
        return rules.iter().all(|rule| !rule.fault.crashes() || is_seen(rule));
    }
    let sent = asked.iter().take(number(rule));
    let is_journaled = sent.into_iter().any(|call| !call.method.is_safe());
    is_journaled && !(rule.fault == Fault::CrashBefore && is_read(rule))
}

/// The call that a rule is about.
fn call<'a>(rule: &Rule, asked: &'a [Exchange]) -> Option<&'a Exchange> {
    asked.get(number(rule).checked_sub(1)?)
}

fn number(rule: &Rule) -> usize {
    match rule.target {
        Target::Number(number) => usize::try_from(number).unwrap(),
        Target::Kind { .. } | Target::Every(_) => 0,
    }
}
