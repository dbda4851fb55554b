//! The hosts: each runs the same jobs, as its users would have it run an action.
//!
//! - `runner`: `o365 run`
//! - `rust`: wasmtime in Rust, as `docs/embed/embed.rs` has it
//! - `driven`: wasmtime in Python and jco on Node.js, as the files of `docs/embed/` have them
//! - `composed`: wasmtime's command line and wassette; `wave` reads what the first one writes
//! - `wash`: `wash dev`

mod composed;
pub mod driven;
mod runner;
mod rust;
mod wash;
mod wave;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cases::Case;

/// How long a run may last beyond its time limit, as its caller measures it: the component waits a
/// second longer than its host, and on a busy machine an instance takes its time to start. Without
/// a limit, a run waits a minute for an answer.
pub const SLACK: Duration = Duration::from_secs(20);

/// How many jobs a host runs at a time: they wait most of the time, but each has to start.
const AT_ONCE: usize = 6;

/// A case on a host: an action of a connection.
#[derive(Clone)]
pub struct Job {
    pub case: &'static Case,
    /// The connection's id, which no other job has.
    pub connection: String,
    pub graph_url: String,
    /// The authority of the sign-in, for a host that signs in itself.
    pub login_url: String,
}

impl Job {
    /// The action's input.
    pub fn input(&self) -> Value {
        let mut input = self.case.action.input();
        input["connectionId"] = self.connection.as_str().into();
        input
    }
}

/// How an action ended.
#[derive(Clone, Debug)]
pub enum Ended {
    Result(Value),
    /// The action's own error.
    Error(Value),
    /// It did not return: a trap, a limit of the host, or a host that fails.
    Broken(String),
}

/// An action that was run.
#[derive(Debug)]
pub struct Ran {
    pub ended: Ended,
    pub elapsed: Duration,
}

type Running = Pin<Box<dyn Future<Output = Option<Vec<Ran>>> + Send>>;

/// A host: the head of its column, and how it runs jobs; none where it cannot be installed.
pub struct Host {
    pub name: &'static str,
    pub run: fn(Vec<Job>) -> Running,
}

pub const HOSTS: &[Host] = &[
    Host { name: "`o365`", run: |jobs| Box::pin(runner::run(jobs)) },
    Host { name: "Rust, wasmtime 48", run: |jobs| Box::pin(rust::run(jobs)) },
    Host {
        name: "Python, wasmtime 46",
        run: |jobs| Box::pin(driven::run(driven::PYTHON_46, jobs)),
    },
    Host {
        name: "Python, wasmtime 50",
        run: |jobs| Box::pin(driven::run(driven::PYTHON_50, jobs)),
    },
    Host { name: "jco, Node 20", run: |jobs| Box::pin(driven::run(driven::NODE_20, jobs)) },
    Host { name: "jco, Node 24", run: |jobs| Box::pin(driven::run(driven::NODE_24, jobs)) },
    Host { name: "`wasmtime` 49", run: |jobs| Box::pin(composed::wasmtime(jobs)) },
    Host { name: "wassette", run: |jobs| Box::pin(composed::wassette(jobs)) },
    Host { name: "wash", run: |jobs| Box::pin(wash::run(jobs)) },
];

/// Runs each job by itself, some at a time.
async fn each<F: Future<Output = Ran> + Send + 'static>(
    jobs: Vec<Job>,
    run: impl Fn(Job) -> F,
) -> Vec<Ran> {
    let mut running = JoinSet::new();
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    for (number, job) in jobs.into_iter().enumerate() {
        let run = run(job);
        let permits = Arc::clone(&permits);
        running.spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            (number, run.await)
        });
    }
    let mut all = running.join_all().await;
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, ran)| ran).collect()
}
