//! A client that makes one call after the other.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use support::namespace::Namespace;
use support::root;
use support::simulate::{TENANT, TENANT_ID};

use super::prepared::ADMIN;
use crate::clients::microsoft;

/// How long a client may take for a call, with the start of its runtime.
const LIMIT: Duration = Duration::from_secs(240);

/// A program in `python/` or `node/` that makes the calls of a client.
#[derive(Clone, Copy)]
pub enum Program {
    Python(&'static str),
    Node(&'static str),
}

impl Program {
    /// Where it and its client are installed; none where they cannot be.
    pub fn installed(self) -> Option<PathBuf> {
        match self {
            Self::Python(_) => microsoft::python(),
            Self::Node(_) => microsoft::node(),
        }
    }

    /// The version to which a package is pinned.
    pub fn version(self, package: &str) -> String {
        let directory = root().join("tests/simulator/clients");
        let found = match self {
            Self::Python(_) => {
                let pins = fs::read_to_string(directory.join("python/requirements.txt")).unwrap();
                let start = format!("{package}==");
                pins.lines().find_map(|line| line.strip_prefix(&start).map(ToOwned::to_owned))
            }
            Self::Node(_) => {
                let pins = fs::read(directory.join("node/package.json")).unwrap();
                let pins: Value = serde_json::from_slice(&pins).unwrap();
                pins["dependencies"][package].as_str().map(ToOwned::to_owned)
            }
        };
        found.unwrap_or_else(|| panic!("{package} is not pinned"))
    }

    fn command(self, namespace: &Namespace, project: &Path) -> Command {
        let (runtime, file) = match self {
            Self::Python(file) => (project.join("venv/bin/python"), file),
            Self::Node(file) => (PathBuf::from("node"), file),
        };
        let mut command = namespace.command(runtime);
        command.arg(project.join(file));
        command
    }
}

/// What a client says of a call.
#[derive(Debug)]
pub enum Told {
    /// What it learned from the answer.
    Learned(Value),
    Error(String),
    /// That it has no such call.
    Absent,
}

/// A client that runs; it is killed with this value.
pub struct Driver {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Driver {
    pub fn start(program: Program, project: &Path, namespace: &Namespace) -> Self {
        let mut child = program
            .command(namespace, project)
            .env("TENANT", TENANT)
            .env("TENANT_ID", TENANT_ID)
            .env("USER", ADMIN)
            .env("PYTHONWARNINGS", "ignore")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                let Ok(()) = sender.send(line.unwrap()) else { break };
            }
        });
        Self { child, input, answers }
    }

    /// Makes a call. `about` is what it is about.
    #[track_caller]
    pub fn ask(&mut self, call: &str, about: &Value) -> Told {
        writeln!(self.input, "{}", json!({ "call": call, "about": about })).unwrap();
        let line = self.answers.recv_timeout(LIMIT);
        let line = line.unwrap_or_else(|error| panic!("{call}: the client: {error}"));
        let mut told: Value = serde_json::from_str(&line).unwrap();
        if let Some(learned) = told.get_mut("learned") {
            return Told::Learned(learned.take());
        }
        match told["error"].as_str() {
            Some(error) => Told::Error(error.to_owned()),
            None => Told::Absent,
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
