//! Hosts that run a component by its file, composed with the adapters that make its connection of
//! settings: wasmtime's command line and wassette.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use serde_json::{Value, json};
use support::simulate::TENANT;
use support::{o365, scratch};

use super::{Ended, Job, Ran, each, wave};
use crate::cases::{Action, SENDER};
use crate::proxy::TOKEN;
use support::programs::Program;

/// The name of the composition, by which wassette knows it.
const NAME: &str = "composed";

/// The component that takes its connection from the environment, in a file.
static COMPOSED: LazyLock<PathBuf> = LazyLock::new(|| {
    composed(NAME, &["--with", "connections-static,environment", "--short-names"])
});

/// The file of a composition.
pub fn composed(name: &str, options: &[&str]) -> PathBuf {
    let path = scratch().join("hosts").join(format!("{name}.wasm"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let words = ["component", "--output", path.to_str().unwrap()];
    let ended = o365(words.iter().chain(options)).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    path
}

/// The settings of a job's connection.
fn settings(job: &Job) -> Vec<String> {
    let settings = [
        ("TENANT", TENANT),
        ("GRAPH_URL", &job.graph_url),
        ("ACCESS_TOKEN", TOKEN),
        ("SENDER", SENDER),
        ("TIME_LIMIT", &job.case.limit.as_secs().to_string()),
    ];
    settings.map(|(name, value)| format!("O365_{name}={value}")).to_vec()
}

/// `wasmtime run`, a process for each job.
pub async fn wasmtime(jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let prepare = || {
        let program = Program::find("wasmtime")?;
        let compiled = COMPOSED.with_extension("compiled");
        let mut compile = program.command();
        compile.arg("compile").arg(COMPOSED.as_path()).arg("--output").arg(&compiled);
        succeeds(&mut compile);
        Some((program, compiled))
    };
    let prepared = Arc::new(tokio::task::spawn_blocking(prepare).await.unwrap()?);
    let one = move |job: Job| {
        let prepared = Arc::clone(&prepared);
        timed(move || {
            let (program, compiled) = &*prepared;
            let mut run = program.command();
            run.args(["run", "--allow-precompiled", "-S", "http"]);
            settings(&job).iter().for_each(|setting| {
                run.args(["--env", setting]);
            });
            let call = format!("{}({})", job.case.action.name(), wave::text(&kebab(&job)));
            run.args(["--invoke", &call]).arg(compiled);
            let Output { status, stdout, stderr } = run.output().unwrap();
            match status.success() {
                true => wave::ended(String::from_utf8(stdout).unwrap().trim()),
                false => Ended::Broken(String::from_utf8_lossy(&stderr).into_owned()),
            }
        })
    };
    Some(each(jobs, one).await)
}

/// `wassette tool invoke`, a process for each job.
pub async fn wassette(jobs: Vec<Job>) -> Option<Vec<Ran>> {
    let prepare = || {
        let program = Program::find("wassette")?;
        let components = scratch().join("hosts/wassette");
        let _ = fs::remove_dir_all(&components);
        fs::create_dir_all(&components).unwrap();
        let wassette = |words: &[&str]| {
            succeeds(program.command().args(words).arg("--component-dir").arg(&components));
        };
        wassette(&["component", "load", &format!("file://{}", COMPOSED.display())]);
        wassette(&["permission", "grant", "network", NAME, "127.0.0.1"]);
        Some((program, components))
    };
    let prepared = Arc::new(tokio::task::spawn_blocking(prepare).await.unwrap()?);
    let one = move |job: Job| {
        let prepared = Arc::clone(&prepared);
        timed(move || {
            let (program, components) = &*prepared;
            // Where wassette keeps a component and its settings. Two processes disturb each other in
            // one directory, and what is newer than the component's file has to be made again.
            let home = tempfile::tempdir().unwrap();
            let mut copy = Command::new("cp");
            copy.args(["--recursive", "--preserve=timestamps"]);
            succeeds(copy.arg(components.join(".")).arg(home.path()));
            let wassette = |words: &[&str]| {
                let mut command = program.command();
                command.args(words).arg("--component-dir").arg(home.path());
                command.env("XDG_CONFIG_HOME", home.path());
                command
            };
            let settings = settings(&job);
            let words = ["secret", "set", NAME].into_iter();
            let words: Vec<&str> = words.chain(settings.iter().map(String::as_str)).collect();
            succeeds(&mut wassette(&words));
            let input = json!({ "input": kebab(&job) }).to_string();
            let tool = tool(job.case.action);
            let mut invoke = wassette(&["tool", "invoke", &tool, "--args", &input]);
            let Output { stdout, stderr, .. } = invoke.output().unwrap();
            match serde_json::from_slice::<Value>(&stdout).map(camel) {
                Ok(Value::Object(mut outcome)) if outcome.contains_key("ok") => {
                    Ended::Result(outcome["ok"].take())
                }
                Ok(Value::Object(mut outcome)) if outcome.contains_key("err") => {
                    Ended::Error(outcome["err"].take())
                }
                _ => Ended::Broken(String::from_utf8_lossy(&[stdout, stderr].concat()).into()),
            }
        })
    };
    Some(each(jobs, one).await)
}

/// Runs a job on a thread that may block.
async fn timed(run: impl FnOnce() -> Ended + Send + 'static) -> Ran {
    let run = move || {
        let start = Instant::now();
        Ran { ended: run(), elapsed: start.elapsed() }
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn succeeds(command: &mut Command) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = [stdout, stderr].concat();
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

/// The name of an action's tool: its interface, and its name.
fn tool(action: Action) -> String {
    let interface = match action {
        Action::Count | Action::Create | Action::Delete => "accounts",
        Action::Mail => "notifications",
        Action::Report => "reports",
    };
    format!("{interface}_{}", action.name())
}

/// The input with its names as WIT has them.
fn kebab(job: &Job) -> Value {
    renamed(job.input(), |name| {
        let letters = name.chars().map(|letter| match letter.is_ascii_uppercase() {
            true => format!("-{}", letter.to_ascii_lowercase()),
            false => letter.to_string(),
        });
        letters.collect()
    })
}

/// An outcome with its names as JSON has them.
fn camel(outcome: Value) -> Value {
    renamed(outcome, |name| {
        let mut words = name.split('-');
        let first = words.next().unwrap().to_owned();
        words.fold(first, |all, word| all + &word[..1].to_ascii_uppercase() + &word[1..])
    })
}

fn renamed(value: Value, rename: fn(&str) -> String) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(name, it)| (rename(&name), renamed(it, rename))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, rename)).collect(),
        other => other,
    }
}
