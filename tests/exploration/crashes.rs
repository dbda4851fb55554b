//! Crashes: which of them are put in beside other faults, and what they change.
//!
//! A run that goes on from its journal ends as it would have without the crash.

use runner::egress::faults::Rule;
use serde_json::{Value, json};

use crate::rules::must;
use support::faulted::{Exchange, Ran};

/// Checks that a crash changed nothing about a run: `plain` is the same without it.
pub fn check(plain: &Ran, ran: &Ran, wrong: &mut Vec<String>) {
    must(wrong, ran.outcome == plain.outcome, || {
        format!("without the crash: {:?}, and with it {:?}", plain.outcome, ran.outcome)
    });
    let (without, with) = (tenant(plain), tenant(ran));
    must(wrong, with == without, || {
        format!("without the crash the tenant has {without}, and with it {with}")
    });
}

fn tenant(ran: &Ran) -> Value {
    let tenant = &ran.tenant;
    let deleted: Vec<_> = tenant.deleted_users.iter().map(|deleted| &deleted.user).collect();
    json!({"users": tenant.users, "deleted": deleted, "skus": tenant.skus, "mails": tenant.mail.len()})
}

/// Whether a fault may come to something else behind the faults of `rules`, which are at the calls
/// `asked`.
pub fn is_telling(rules: &[Rule], rule: &Rule, asked: &[Exchange]) -> bool {
    let _ = (rules, rule, asked);
    true
}
