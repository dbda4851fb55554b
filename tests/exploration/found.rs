//! Schedules that once broke a rule, and the lines that the walk prints.

use std::process::Command;

use runner::egress::faults::Rule;
use runner::run::Host;
use runner::sandbox::COMPONENT;
use serde_json::Value;
use support::library::Outcome;

use crate::cases::{self, Case};
use crate::rules::{self, Facts};
use crate::schedule::{line, script};

/// The case, the faults, the outcome, and the writes that Graph saw.
const FOUND: &[(&str, &str, &str, &str)] = &[
    // An answer that came slowly was read until the host ended the run.
    (
        "assign-license-to-existing-user, plain",
        "slow-body=200@POST /users/{id}/assignLicense",
        "done",
        "POST /users/{id}/assignLicense 200, POST /users/{id}/assignLicense 200",
    ),
    (
        "create-user, plain",
        "slow-body=200@POST /users",
        "done",
        "POST /users 201, POST /users/{id}/assignLicense 200",
    ),
    // A change whose answer was lost was said not to have been made when the next attempt
    // met a sign-in that had expired.
    (
        "assign-license-to-existing-user, plain",
        "504-after@POST /users/{id}/assignLicense; token-expired@POST /users/{id}/assignLicense#2",
        "outcome-unknown",
        "POST /users/{id}/assignLicense 200",
    ),
    (
        "delete-user, plain",
        "reset-after@DELETE /users/{id}; token-expired@DELETE /users/{id}#2",
        "outcome-unknown",
        "DELETE /users/{id} 204",
    ),
    // A repeat was said to be safe that would meet the user of the first attempt and fail.
    (
        "create-user, plain",
        "504-after@POST /users; token-expired@GET /users/{id}",
        "outcome-unknown",
        "POST /users 201",
    ),
    // A new user was said to be deleted again that the directory did not know yet.
    (
        "create-user, on a directory that lags",
        "last-seat-taken@POST /users/{id}/assignLicense; 504-before@DELETE /users/{id}",
        "license-unavailable",
        "POST /users 201, DELETE /users/{id} 404, DELETE /users/{id} 404, DELETE /users/{id} 204",
    ),
    // A run with a journal waited for ever for the end of a body that came slowly.
    (
        "create-user, plain",
        "slow-body@1; crash-before@2",
        "done",
        "POST /users 201, POST /users/{id}/assignLicense 200",
    ),
    // A run that went on from its journal got a response where it had given up waiting for one.
    (
        "create-user, plain",
        "slow-body=200@1; crash-before@3",
        "done",
        "POST /users 201, POST /users/{id}/assignLicense 200",
    ),
];

#[test]
fn what_was_found_once_is_not_found_again() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let cases = cases::cases(&host);
    for (name, faults, outcome, writes) in FOUND {
        let case = cases.iter().find(|case| case.name == *name).unwrap();
        let rules: Vec<Rule> = faults.split(';').map(|rule| rule.trim().parse().unwrap()).collect();
        let plain = case.scenario.run(&host, script(&[]));
        let ran = case.scenario.run(&host, script(&rules));
        assert_eq!(ran.missed, [""; 0], "{name} {faults}");
        assert_eq!((ran.outcome(), ran.writes().as_str()), (*outcome, *writes), "{name} {faults}");
        let wrong = rules::violations(&Facts::new(case, &plain, &rules, &ran), &host);
        assert_eq!(wrong, [""; 0], "{name} {faults}");
    }
}

#[test]
fn a_licence_that_no_read_shows_is_not_said_to_be_assigned() {
    let host = Host::new(COMPONENT, 1).unwrap();
    let cases = cases::cases(&host);
    let case = cases.iter().find(|case| case.name == "assign-license-to-existing-user, plain");
    let mut scenario = case.unwrap().scenario.clone();
    // More reads than one run makes.
    scenario.tenant.lag = 1_000;
    let ran = scenario.run(&host, script(&[]));
    assert_eq!(ran.outcome(), "outcome-unknown", "{:?}", ran.outcome);
    assert_eq!(ran.writes(), "POST /users/{id}/assignLicense 200");
}

#[test]
fn a_printed_line_replays_its_schedule() {
    let host = Host::new(COMPONENT, 1).unwrap();
    for case in cases::cases(&host).into_iter().filter(|case| !case.is_signed_in()) {
        for faults in ["", "504-before@1", "429=200@2"] {
            let rules: Vec<Rule> =
                faults.split_terminator(';').map(|rule| rule.parse().unwrap()).collect();
            let explored = case.scenario.run(&host, script(&rules)).outcome;
            assert_eq!(replayed(&case, &rules), explored, "{}", line(&case, &rules));
        }
    }
}

/// What comes of the line in a shell.
fn replayed(case: &Case, rules: &[Rule]) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let program = support::program();
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let line = format!("{} --json", line(case, rules));
    let mut shell = Command::new("bash");
    shell.args(["-c", &line]).current_dir(&directory).env("PATH", path);
    let cache = support::scratch().join("cache");
    shell.env("O365_CACHE_DIR", cache).env_remove("O365_LOG");
    let ended = shell.output().unwrap();
    if ended.status.success() {
        return Outcome::Done(serde_json::from_slice(&ended.stdout).unwrap());
    }
    let text = String::from_utf8(ended.stderr).unwrap();
    let error = text.lines().find_map(|line| {
        serde_json::from_str::<Value>(line).ok()?.get_mut("error").map(Value::take)
    });
    Outcome::Failed(error.unwrap_or_else(|| panic!("{line}: {text}")))
}
