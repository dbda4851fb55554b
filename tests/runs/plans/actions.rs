//! A plan and a run of the same action on the same tenant come to the same.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use http::Method;
use proptest::prelude::*;
use runner::contract::Access;
use runner::egress::plan::Plan;
use runner::run::Host;
use runner::sandbox::COMPONENT;
use runner::simulator::Tenant;
use serde_json::Value;

use crate::plans::inputs::choices;
use crate::plans::ran::{Case, Ran};
use crate::plans::tenants::{domain, tenant};
use crate::plans::{TENANTS, hold};
use support::say;

/// The most reads that a plan makes besides those of the action.
const MOST_LOOKS: usize = 4;

/// The actions of which each tenant meets every one.
const OF_EACH: [&str; 3] = ["create-user", "assign-license-to-existing-user", "delete-user"];

/// How it went, by action, kind and number of writes.
type Met = BTreeMap<(String, String, usize), u32>;

#[test]
fn a_plan_foretells_the_run() {
    let begun = Instant::now();
    let host = Host::new(COMPONENT, 1).unwrap();
    let others: Vec<String> = host
        .guest()
        .actions()
        .iter()
        .map(|action| action.name.clone())
        .filter(|name| !OF_EACH.contains(&name.as_str()))
        .collect();
    let met: RefCell<Met> = RefCell::default();
    let open = RefCell::new(0_u32);
    let access = prop_oneof![3 => Just(Access::AppOnly), 1 => Just(Access::Delegated)];
    let inputs = prop::collection::vec(choices(), OF_EACH.len() + 1);
    hold(TENANTS, &(tenant(), inputs, domain(), access), |case| {
        let (tenant, inputs, domain, access) = case;
        for (number, choices) in inputs.iter().enumerate() {
            let other = || choices.which.get(&others).as_str();
            let action = OF_EACH.get(number).copied().unwrap_or_else(other);
            let case = Case {
                action: action.to_owned(),
                input: choices.input(action),
                tenant: tenant.clone(),
                access,
                domain,
            };
            let ran = case.run(&host);
            if !agrees(&case, &ran, case.plan(&host)) {
                *open.borrow_mut() += 1;
            }
            let key = (action.to_owned(), ran.kind().to_owned(), ran.writes().len());
            *met.borrow_mut().entry(key).or_default() += 1;
        }
    });
    let met = met.into_inner();
    let runs: u32 = met.values().sum();
    let outcomes: Vec<String> = met
        .iter()
        .map(|((action, kind, writes), count)| format!("{action} {kind} {writes}: {count}"))
        .collect();
    say(&format!(
        "{TENANTS} random tenants, {runs} plans held against runs, {} left open what no read tells, in {:.1?}\n  {}",
        open.into_inner(),
        begun.elapsed(),
        outcomes.join("\n  "),
    ));
    has_met_all(&met);
}

/// Holds a plan against a run; false where the plan said itself that it could not tell.
fn agrees(case: &Case, ran: &Ran, (planned, plan): (Ran, Plan)) -> bool {
    let told = || {
        format!(
            "{} {}\nthe run: {} {} {:#?}\nthe plan: {} {} {:#?}\nnot checked: {:#?}",
            case.action,
            serde_json::to_string(&case.input).unwrap(),
            ran.kind(),
            ran.message(),
            ran.writes(),
            planned.kind(),
            planned.message(),
            planned.writes(),
            plan.not_checked(),
        )
    };
    let only_reads = planned.reached.iter().all(|asked| asked.method == Method::GET);
    assert!(only_reads, "{}", told());
    assert!(same(&case.tenant, &planned.tenant), "a plan changes nothing: {}", told());
    assert!(planned.reads() <= ran.reads() + MOST_LOOKS, "{} reads: {}", planned.reads(), told());
    let listed: Vec<Value> = plan.writes().into_iter().map(|write| write.body).collect();
    let made: Vec<Value> = planned.writes().into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(listed, made, "{}", told());
    if leaves_open(ran, &plan) {
        return false;
    }
    assert_eq!(planned.kind(), ran.kind(), "{}", told());
    assert_eq!(planned.writes(), ran.writes(), "{}", told());
    true
}

/// Whether the run ended at what the plan says that it could not check.
fn leaves_open(ran: &Ran, plan: &Plan) -> bool {
    let unchecked = plan.not_checked().join("\n");
    let is_open = |refusal: &str, sentence: &str| {
        ran.message().contains(refusal) && unchecked.contains(sentence)
    };
    is_open("mutually exclusive", "Whether the service plans exclude")
        || is_open("mailbox", "has a mailbox: it has no plan of Exchange Online, but")
}

/// Whether nothing has changed, apart from the time.
fn same(before: &Tenant, after: &Tenant) -> bool {
    let timeless = |tenant: &Tenant| {
        let tenant = Tenant { time: before.time, ..tenant.clone() };
        serde_json::to_value(tenant).unwrap()
    };
    timeless(before) == timeless(after)
}

/// The outcomes between which a plan has to tell were all there.
fn has_met_all(met: &Met) {
    for (action, kind, writes) in [
        ("create-user", "done", 2),
        ("create-user", "already-exists", 0),
        ("create-user", "invalid-input", 0),
        ("create-user", "license-unavailable", 0),
        ("create-user", "not-found", 0),
        ("assign-license-to-existing-user", "done", 1),
        ("assign-license-to-existing-user", "not-found", 0),
        ("assign-license-to-existing-user", "license-unavailable", 0),
        ("delete-user", "done", 0),
        ("delete-user", "done", 1),
        ("send-created-user-email-notification", "done", 1),
        ("send-created-user-email-notification", "not-found", 0),
    ] {
        let key = (action.to_owned(), kind.to_owned(), writes);
        assert!(met.contains_key(&key), "no run was {key:?}");
    }
}
