//! Every action under every fault, at every call: what comes of it, by a table.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use runner::contract::Access;
use runner::egress::faults::{Fault, Rule, Script, Target};
use runner::run::Host;
use runner::sandbox::COMPONENT;
use runner::simulator::Tenant;
use serde_json::{Map, Value};

use crate::replays::matrix_table::{self, Row};
use support::faulted::{Ran, Scenario};
use support::fixtures;
use support::library::Outcome;

/// The new user that `create-user` is asked for.
const NEW_USER: &str = "allen@contoso.onmicrosoft.com";

/// A user of the built-in tenant without a licence, who can be given one.
const USER: &str = "mona@contoso.onmicrosoft.com";

/// The input of a recorded run of each action that succeeded.
fn inputs() -> Vec<(String, Map<String, Value>)> {
    let mut inputs: Vec<(String, Map<String, Value>)> = Vec::new();
    for fixture in fixtures().into_iter().filter(|fixture| fixture.run.get("result").is_some()) {
        if inputs.iter().all(|(action, _)| *action != fixture.action) {
            inputs.push((fixture.action.clone(), fixture.input()));
        }
    }
    inputs
}

/// Every action on a tenant where it succeeds; signed in too where its calls differ then.
fn scenarios(host: &Host) -> Vec<Scenario> {
    let small = Tenant::built_in().unwrap();
    let large = Tenant::generated(1_100).unwrap();
    let mut scenarios = Vec::new();
    for (action, mut input) in inputs() {
        if let Some(name) = input.get_mut("userPrincipalName") {
            *name = USER.into();
        }
        let tenant = if action.ends_with("-report") { &large } else { &small };
        let scenario = Scenario {
            action,
            input,
            tenant: tenant.clone(),
            access: Access::AppOnly,
            time_limit: Duration::from_secs(120),
        };
        if scenario.action.starts_with("send-") || scenario.action == "verify-connection" {
            scenarios.push(Scenario { access: Access::Delegated, ..scenario.clone() });
        }
        if scenario.action.ends_with("-page") {
            scenarios.push(next_page(&scenario, host));
        }
        scenarios.push(scenario);
    }
    scenarios
}

/// The same action, asked for the page after.
fn next_page(first: &Scenario, host: &Host) -> Scenario {
    let Outcome::Done(page) = first.run(host, Script::default()).outcome else { panic!() };
    let mut next = first.clone();
    next.input.insert("cursor".into(), page["nextCursor"].clone());
    next
}

fn one_fault(fault: Fault, call: usize) -> Script {
    let target = Target::Number(u32::try_from(call).unwrap());
    Script { seed: 0, rules: vec![Rule { fault, value: None, target }] }
}

#[test]
fn every_action_under_every_fault_at_every_call_ends_as_the_table_says() {
    let begun = Instant::now();
    let host = Host::new(COMPONENT, 1).unwrap();
    let mut virtual_time = Duration::ZERO;
    let mut happened = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for scenario in scenarios(&host) {
        let plain = scenario.run(&host, Script::default());
        assert_eq!(plain.outcome(), "done", "{}: {:?}", scenario.action, plain.outcome);
        for (call, exchange) in (1..).zip(&plain.asked) {
            for fault in Fault::ALL {
                let ran = scenario.run(&host, one_fault(*fault, call));
                if !ran.missed.is_empty() {
                    continue;
                }
                let place = format!("{} {fault:?}@{call} {}", scenario.action, exchange.name());
                check(&scenario, &ran, &place);
                virtual_time += ran.elapsed;
                happened.insert(fault.name());
                let cell = (scenario.action.as_str(), call, exchange.name(), fault.name());
                let row = matrix_table::row_of(&cell);
                used.extend(row.map(|(index, _)| index));
                wrong.extend(difference(row.map(|(_, row)| row), &ran, &place));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(happened, Fault::ALL.iter().map(|fault| fault.name()).collect());
    assert_eq!(used.len(), matrix_table::TABLE.len(), "rows that say nothing: only {used:?} do");
    assert!(virtual_time > Duration::from_secs(1_800), "{virtual_time:?}");
    let elapsed = begun.elapsed();
    assert!(elapsed < virtual_time / 10, "{elapsed:?} for {virtual_time:?} of virtual time");
}

#[test]
fn hours_of_throttling_are_waited_for_in_no_time() {
    let begun = Instant::now();
    let host = Host::new(COMPONENT, 1).unwrap();
    let mut hours = 0;
    for mut scenario in scenarios(&host) {
        scenario.time_limit = Duration::from_secs(4 * 3_600);
        let ran = scenario.run(&host, "429=3600@1; 503=7200@2".parse().unwrap());
        if scenario.action == "country-codes" {
            continue;
        }
        assert_eq!(ran.outcome(), "done", "{}: {:?}", scenario.action, ran.outcome);
        assert_eq!(ran.elapsed, Duration::from_secs(3 * 3_600), "{}", scenario.action);
        hours += 3;
    }
    assert!(hours > 48, "{hours}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn a_user_that_may_be_somebody_elses_is_left_and_named() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let scenarios = scenarios(&host);
    let create = scenarios.iter().find(|scenario| scenario.action == "create-user").unwrap();
    let script = "504-after@POST /users; last-seat-taken@POST /users/{id}/assignLicense";
    let ran = create.run(&host, script.parse().unwrap());
    check(create, &ran, script);
    assert_eq!((ran.outcome(), ran.writes().as_str()), ("license-unavailable", "POST /users 201"));
    assert!(ran.tenant.users.find(NEW_USER).is_some());
}

/// What is otherwise than the table says.
fn difference(row: Option<&Row>, ran: &Ran, place: &str) -> Option<String> {
    let given = (ran.outcome(), ran.writes());
    match row {
        Some(row) if (row.outcome, row.writes.to_owned()) == given => None,
        Some(row) => {
            Some(format!("{place}: {given:?}, where the table has {:?}", (row.outcome, row.writes)))
        }
        None => Some(format!("{place}: {given:?}, of which the table says nothing")),
    }
}

/// What must hold whatever the fault: nothing is done twice, and nothing is left behind
/// without a word.
fn check(scenario: &Scenario, ran: &Ran, place: &str) {
    let (before, after) = (&scenario.tenant, &ran.tenant);
    let done = matches!(ran.outcome, Outcome::Done(_));
    let mails = after.mail.len() - before.mail.len();
    let is_mail = scenario.action.starts_with("send-");
    assert!(mails <= usize::from(is_mail), "{place}: {mails} mails");
    assert!(mails == 1 || !is_mail || !done, "{place}: a mail that was not sent");
    let created = after.users.find(NEW_USER).and_then(|id| after.users.get(id));
    let removed = after.deleted_users.len() - before.deleted_users.len();
    if scenario.action == "create-user" {
        assert_eq!(after.users.len() + removed, before.users.len() + made(ran), "{place}");
        assert!(made(ran) <= 1, "{place}: created twice");
        let licensed = created.is_some_and(|user| !user.licenses.is_empty());
        let unknown = ran.outcome() == "outcome-unknown";
        assert_eq!(done, licensed && !unknown, "{place}");
    } else {
        assert_eq!(after.users.len() + removed, before.users.len(), "{place}");
    }
    let Outcome::Failed(error) = &ran.outcome else { return };
    if let Some(user) = created {
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(&user.id.to_string()),
            "{place}: an orphan without a name: {error}"
        );
        assert_ne!(error["completed"], Value::Array(Vec::new()), "{place}: {error}");
        assert_eq!(error["retrySafe"], false, "{place}: {error}");
    }
    assert!(mails == 0 || error["retrySafe"] == false, "{place}: would be sent again: {error}");
    for text in ["message", "fix", "who"] {
        assert_ne!(error[text].as_str().unwrap(), "", "{place}: {text}");
    }
}

/// How many users Graph says that it has created.
fn made(ran: &Ran) -> usize {
    let reached = ran.reached.iter();
    reached.filter(|call| call.name() == "POST /users" && call.status == Some(201)).count()
}
