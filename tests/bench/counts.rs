//! How many instructions a run takes, which do not depend on the machine's mood:
//! `cargo bench --bench counts`. It runs itself in valgrind, once with few and once with many
//! runs, so that the start does not count. Instructions of the kernel are not counted.

#![allow(clippy::restriction, reason = "a benchmark prints, and may fail loudly")]

use std::fs;
use std::process::Command;

use bench::answers::Answers;
use bench::sandboxed::{OnPlatform, Sandboxed};
use serde_json::{Map, json};
use support::Fixture;

/// What makes this process one that is counted: the number of a case, and how many runs.
const ONE: &str = "--counted";

/// How many runs there are at first, and how many more then.
const RUNS: (u64, u64) = (20, 200);

/// What is printed, and what makes this many runs.
type Case = (&'static str, fn(u64));

const CASES: [Case; 4] = [
    ("is-license-available, Host::run", |runs| on_host("is-license-available", "some-seats", runs)),
    ("is-license-available, Platform::run", on_platform),
    ("create-user, Host::run", |runs| on_host("create-user", "created-and-licensed", runs)),
    ("country-codes, Host::run", countries),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|it| it == ONE) {
        let [case, runs] = [1, 2].map(|next| arguments[at + next].parse::<u64>().unwrap());
        return CASES[usize::try_from(case).unwrap()].1(runs);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: there is no valgrind");
        return;
    }
    let (few, more) = RUNS;
    for (case, (name, _)) in CASES.iter().enumerate() {
        let per_run = (counted(case, few + more) - counted(case, few)) / more;
        println!("{per_run:>12} instructions a run  {name}");
    }
}

/// The instructions of a process that makes this many runs of a case.
fn counted(case: usize, runs: u64) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("counts");
    let ended = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg(format!("--cachegrind-out-file={}", out.display()))
        .arg(std::env::current_exe().unwrap())
        .args([ONE, &case.to_string(), &runs.to_string()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let text = fs::read_to_string(&out).unwrap();
    let summary = text.lines().find_map(|line| line.strip_prefix("summary: ")).unwrap();
    summary.split_whitespace().next().unwrap().parse().unwrap()
}

fn on_host(action: &str, case: &str, runs: u64) {
    let fixture = Fixture::named(action, case);
    let mut input = fixture.input();
    if let Some(password) = input.get_mut("password") {
        *password = json!("Correct horse 7");
    }
    let egress = Answers::recorded(&fixture).egress();
    let sandboxed = Sandboxed::new();
    for _ in 0..runs {
        sandboxed.run(action, &input, &egress);
    }
}

fn on_platform(runs: u64) {
    let fixture = Fixture::named("is-license-available", "some-seats");
    let platform = OnPlatform::given(Answers::recorded(&fixture).egress());
    for _ in 0..runs {
        platform.run("is-license-available", &fixture.input());
    }
}

fn countries(runs: u64) {
    let sandboxed = Sandboxed::new();
    for _ in 0..runs {
        sandboxed.run("country-codes", &Map::new(), &runner::egress::nowhere());
    }
}
