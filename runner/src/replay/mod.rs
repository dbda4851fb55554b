//! Replays recordings: runs the action on the recorded exchanges, offline and on a virtual clock,
//! and compares the requests and the outcome.
//!
//! - `difference`: the differences, in a sentence and as a unified diff

mod difference;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use crate::context::{Clock, RunContext, Stop};
use crate::contract::Connection;
use crate::egress::record::Recorder;
use crate::limits::Limits;
use crate::recording::har::{ClockKind, Entry};
use crate::recording::placeholders::{self, PlaceholderError};
use crate::recording::{self, Recorded, RecordedError};
use crate::run::{Backend, Checked, Executed, Failure, Host, OpenError, Run, Shared, execute};

pub use difference::{Difference, Subject};

/// The result of a replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The action.
    pub action: String,
    /// The differences, none for an equal run.
    pub differences: Vec<Difference>,
    /// Notes that are not differences.
    pub notes: Vec<String>,
}

/// Why a recording cannot be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The file cannot be used.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// The input cannot be replayed.
    #[error("the recording {path}: {1}", path = .0.display())]
    Input(PathBuf, PlaceholderError),
    /// The component does not have the action.
    #[error("the recording {path} is one of the action {1}, which the component does not have", path = .0.display())]
    NoAction(PathBuf, String),
    /// The connection cannot be used.
    #[error("the recording {path}: {1}", path = .0.display())]
    Open(PathBuf, OpenError),
    /// The recording has no outcome.
    #[error("the recording {} does not state its outcome: log._o365 needs result or error", .0.display())]
    NoOutcome(PathBuf),
}

/// Replays the recording `path`. Requires a runtime of one thread, on which the virtual clock
/// orders tasks that are ready at the same time.
pub async fn replay(host: &Host, path: &Path) -> Result<Replayed, ReplayError> {
    let recorded = Recorded::read(path)?;
    let run = &recorded.run;
    let name = run.action.clone();
    let notes = notes(run, host);
    let fields = placeholders::input(&run.input)
        .map_err(|reason| ReplayError::Input(path.to_owned(), reason))?;
    let expected = outcome(run).ok_or_else(|| ReplayError::NoOutcome(path.to_owned()))?;
    let action = host
        .guest()
        .action(&name)
        .ok_or_else(|| ReplayError::NoAction(path.to_owned(), name.clone()))?;
    let granted = recorded.granted(&host.policy(&name))?;
    let differences = match Checked::new(host, action, fields, Vec::new()) {
        Ok(checked) => differences(host, recorded, &checked, granted, &expected).await?,
        Err(problems) => vec![Difference::input(&problems)],
    };
    Ok(Replayed { action: name, differences, notes })
}

/// Runs a recording and returns the differences.
async fn differences(
    host: &Host,
    recorded: Recorded,
    checked: &Checked,
    granted: Option<(String, Connection)>,
    expected: &Value,
) -> Result<Vec<Difference>, ReplayError> {
    let Recorded { path, entries, run } = recorded;
    let (rerun, clock) = rerun(host, checked, granted, entries, None).await;
    let Executed { outcome, replay: Some(graph), .. } =
        rerun.map_err(|reason| ReplayError::Open(path, reason))?
    else {
        return Ok(Vec::new());
    };
    if let Some(mismatch) = graph.mismatch() {
        // The outcome of a run with other requests has no meaning.
        return Ok(vec![Difference::request(&mismatch, &checked.secrets)]);
    }
    let given = match outcome {
        Ok(result) => json!({ "result": result.into_value() }),
        Err(Failure::Action(report)) => json!({ "error": report.to_json() }),
        Err(Failure::Stopped { stop, .. }) if is_recorded(&stop, expected) => expected.clone(),
        Err(Failure::Stopped { stop, .. }) => json!({ "stopped": stop.to_string() }),
        Err(Failure::Interrupted { .. }) => json!({ "stopped": "the run was cut short" }),
    };
    let not_made = Difference::not_made(&graph.unused(), &checked.secrets);
    let took = u64::try_from(clock.now().as_millis()).unwrap_or(u64::MAX);
    // Only a virtual clock repeats a duration.
    let elapsed = run.elapsed_ms.filter(|_| run.clock == Some(ClockKind::Virtual));
    let elapsed = elapsed.and_then(|expected| Difference::elapsed(expected, took));
    let outcome = Difference::outcome(expected, &given);
    Ok(not_made.into_iter().chain(outcome).chain(elapsed).collect())
}

/// Runs an action on recorded exchanges and on a virtual clock, which is returned as well.
pub async fn rerun(
    host: &Host,
    checked: &Checked,
    granted: Option<(String, Connection)>,
    entries: Vec<Entry>,
    recorder: Option<Recorder>,
) -> (Result<Executed, OpenError>, Clock) {
    let backend = Backend::Recorded(entries);
    let clock = recorder.as_ref().map_or_else(|| backend.clock(), Recorder::clock);
    let limits = limits(granted.as_ref());
    let action = &checked.action.name;
    let context = RunContext::new(Uuid::nil(), action, limits, clock.clone(), checked.redaction());
    let run = Run {
        context,
        checked,
        granted,
        backend: &backend,
        shared: &Shared::default(),
        plan: false,
        recorder,
        audit: None,
        durable: None,
        faults: None,
        watcher: None,
        turns: None,
    };
    (execute(host, run, std::future::pending()).await, clock)
}

/// Returns the recorded outcome.
fn outcome(run: &recording::Run) -> Option<Value> {
    match (&run.result, &run.error) {
        (_, Some(error)) => Some(json!({ "error": error })),
        (Some(result), None) => Some(json!({ "result": result })),
        (None, None) => None,
    }
}

/// Whether the recorded run had the same stop.
fn is_recorded(stop: &Stop, expected: &Value) -> bool {
    let recorded = expected.get("error").and_then(|error| error.get("message"));
    recorded.and_then(Value::as_str).is_some_and(|message| message == stop.to_string())
}

/// Returns the limits of a run over a connection.
fn limits(granted: Option<&(String, Connection)>) -> Limits {
    let time =
        granted.map(|(_, connection)| Duration::from_millis(connection.time_limit_ms.into()));
    Limits { time: time.unwrap_or(Limits::default().time), ..Limits::default() }
}

fn notes(run: &recording::Run, host: &Host) -> Vec<String> {
    match &run.component {
        Some(digest) if digest != host.component() => vec![format!(
            "it was recorded with another build of the component: sha256 {digest}; this one is {}",
            host.component()
        )],
        _ => Vec::new(),
    }
}
