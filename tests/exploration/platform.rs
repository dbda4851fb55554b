//! Every case with every single fault once more, as a platform runs it: through admission, the
//! audit log, the gate of a throttled Graph, and the journals on the disk, from which a run that
//! crashes goes on. It ends as it does without them, and the log has every write that reached the
//! tenant.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use http::Method;
use runner::audit::AuditLog;
use runner::context::Stop;
use runner::contract::Access;
use runner::egress::faults::Rule;
use runner::egress::throttle::Gate;
use runner::journal::{Journals, Unfinished};
use runner::platform::{
    Call, CallResult, Failure, Link, Platform, RunHandle, Tenant, TenantLimits,
};
use runner::run::{self, Backend, Host, Simulated};
use runner::sandbox::COMPONENT;
use runner::simulator::{self, Caller, Simulator};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::{self, Case};
use crate::schedule::{is_long, line, script};
use crate::walk::followers;
use support::faulted::{Ran, SENDER};

/// A run on the platform.
struct Platformed {
    run: Uuid,
    /// `done`, or the kind of the error.
    outcome: String,
    /// The tenant afterwards.
    tenant: Value,
}

/// The log in memory, where the system has such a directory.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory } else { support::scratch() };
    tempfile::tempdir_in(place).unwrap()
}

/// What is compared of a tenant: its time depends on who waits.
fn compared(tenant: &simulator::Tenant) -> Value {
    json!({ "users": tenant.users, "skus": tenant.skus, "mails": tenant.mail.len() })
}

/// The result of a call. After a crash, that of the run that goes on from its journal, if it has
/// one, and else that of a repeat. The tenant is `sound` then, without faults.
async fn result(platform: &Platform, journals: &Path, call: Call, sound: Tenant) -> CallResult {
    let result = platform.run(call.clone()).await;
    let stopped = |failure: &Failure| {
        matches!(failure, Failure::Run(run::Failure::Stopped { stop: Stop::Crashed, .. }))
    };
    if !result.outcome.as_ref().is_err_and(stopped) {
        return result;
    }
    platform.register(sound);
    let mut unfinished = left(journals);
    unfinished.retain(|unfinished| unfinished.begun.run == result.run);
    platform.reconcile(&mut unfinished).await.unwrap();
    match unfinished.pop() {
        Some(unfinished) => {
            let handle = RunHandle::of(&unfinished);
            platform.resume(unfinished, handle).await
        }
        None => platform.run(call).await,
    }
}

/// The runs in the files of a directory of journals that have not ended.
fn left(journals: &Path) -> Vec<Unfinished> {
    let directory = directory();
    let copy = directory.path().join("journals");
    // Its directory is private.
    drop(Journals::open(&copy).unwrap());
    for entry in fs::read_dir(journals).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "journal") {
            fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
        }
    }
    Journals::open(&copy).unwrap().1.unfinished
}

async fn run(platform: &Platform, journals: &Path, case: &Case, rules: &[Rule]) -> Platformed {
    let scenario = &case.scenario;
    let simulator = Simulator::new(scenario.tenant.clone());
    let caller = match scenario.access {
        Access::AppOnly => Caller::application(),
        Access::Delegated => Caller::signed_in(SENDER),
    };
    let gate = Some(Gate::default());
    let backend = Backend::Simulated(Simulated { tenant: simulator.clone(), caller, gate });
    let link = Link::to("contoso", scenario.connection(), backend);
    let limits = TenantLimits { time: scenario.time_limit, ..TenantLimits::default() };
    let tenant = |link| Tenant::new("contoso").with_link(link).with_limits(limits.clone());
    platform.register(tenant(link.clone().with_faults(script(rules))));
    let input = Value::Object(scenario.input.clone());
    let call = Call::new("contoso", &scenario.action, input);
    let answer = result(platform, journals, call, tenant(link)).await;
    let outcome = match &answer.outcome {
        Ok(_) => "done".to_owned(),
        Err(failure) => failure.report().kind_name().to_owned(),
    };
    Platformed { run: answer.run, outcome, tenant: compared(&simulator.tenant()) }
}

/// The writes of each run that the log announces, and how the run ended by it.
fn logged(path: &Path) -> BTreeMap<Uuid, (Vec<String>, String)> {
    let mut runs: BTreeMap<Uuid, (Vec<String>, String)> = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        match line["type"].as_str().unwrap() {
            "write" => {
                let run = runs.entry(text("run").parse().unwrap()).or_default();
                run.0.push(format!("{} {}", text("method"), text("url")));
            }
            "run" => runs.entry(text("run").parse().unwrap()).or_default().1 = text("outcome"),
            _ => {}
        }
    }
    runs
}

/// The writes that reached the tenant are among the announced ones, in their order.
fn announces(announced: &[String], ran: &Ran) -> bool {
    let mut announced = announced.iter();
    ran.reached.iter().filter(|exchange| exchange.method != Method::GET).all(|write| {
        let ends = |line: &&String| line.ends_with(&write.target);
        announced.any(|line| ends(&line))
    })
}

#[test]
fn every_single_fault_ends_the_same_way_through_the_platform() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let host = Host::new(COMPONENT, 1).unwrap();
    let directory = directory();
    let path = directory.path().join("audit.jsonl");
    let log = AuditLog::open(&path).unwrap();
    let journals = directory.path().join("journals");
    let (kept, _) = Journals::open(&journals).unwrap();
    let platform = Platform::builder().max_runs(1).audit(log).journals(kept).build().unwrap();
    let mut schedules = Vec::new();
    for case in cases::cases(&host) {
        let plain = case.scenario.run(&host, script(&[]));
        let singles = followers(&case, &plain.asked, 0).into_iter().map(|rule| vec![rule]);
        for rules in std::iter::once(Vec::new()).chain(singles) {
            let tenant = case.scenario.tenant.clone();
            // What the sandbox ended, and faults that did not happen, are the walk's own.
            let Ok(alone) = case.scenario.run_on(tenant, &host, script(&rules)) else { continue };
            if alone.missed.is_empty() {
                let platformed = runtime.block_on(run(&platform, &journals, &case, &rules));
                // While Graph asks to wait for longer than a run lasts, the gate lets nothing
                // pass, and so not what would undo a write either.
                let waits = rules.iter().any(is_long);
                schedules.push((line(&case, &rules), waits, alone, platformed));
            }
        }
    }
    let resumed = fs::read_to_string(&path).unwrap().matches(r#""resumed":true"#).count();
    assert!(resumed > 50, "{resumed} runs went on from their journals");
    let logged = logged(&path);
    assert!(schedules.len() > 1_000, "{} schedules show nothing", schedules.len());
    for (line, waits, alone, platformed) in schedules {
        assert_eq!(platformed.outcome, alone.outcome(), "{line}");
        let same = platformed.tenant == compared(&alone.tenant);
        assert!(same || waits, "{line}: the tenant is another one");
        let empty = Default::default();
        let (announced, outcome) = logged.get(&platformed.run).unwrap_or(&empty);
        assert_eq!(*outcome, platformed.outcome, "{line}");
        assert!(waits || announces(announced, &alone), "{line}: {announced:?}");
    }
}
