//! Replaying recordings: a component is run on a recording, offline and on a virtual clock,
//! and what it does is compared with what was recorded.
//!
//! - `difference`: what differs, in a sentence and as a unified diff

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

/// What a replay showed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The action.
    pub action: String,
    /// What differs from the recording; nothing when the run was the same.
    pub differences: Vec<Difference>,
    /// What is worth knowing and is no difference.
    pub notes: Vec<String>,
}

/// Why a recording cannot be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The file cannot be used.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// Its input cannot be used again.
    #[error("the recording {}: {reason}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: PlaceholderError,
    },
    /// The component does not have its action.
    #[error("the recording {} is one of the action {action}, which the component does not have", path.display())]
    NoAction {
        /// The file.
        path: PathBuf,
        /// The action.
        action: String,
    },
    /// Its connection cannot be used.
    #[error("the recording {}: {reason}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: OpenError,
    },
    /// It does not say what to compare with.
    #[error("the recording {} does not say what came of its run: log._o365 needs result or error", path.display())]
    NoOutcome {
        /// The file.
        path: PathBuf,
    },
}

/// Replays the recording in the file `path`. Wants a runtime of one thread, as the virtual
/// clock takes what is ready at one moment in one order.
pub async fn replay(host: &Host, path: &Path) -> Result<Replayed, ReplayError> {
    let recorded = Recorded::read(path)?;
    let run = &recorded.run;
    let name = run.action.clone();
    let notes = notes(run, host);
    let fields = placeholders::input(&run.input)
        .map_err(|reason| ReplayError::Input { path: path.to_owned(), reason })?;
    let expected = outcome(run).ok_or_else(|| ReplayError::NoOutcome { path: path.to_owned() })?;
    let action = host
        .guest()
        .action(&name)
        .ok_or_else(|| ReplayError::NoAction { path: path.to_owned(), action: name.clone() })?;
    let granted = recorded.granted(&host.policy(&name))?;
    let differences = match Checked::new(host, action, fields, Vec::new()) {
        Ok(checked) => differences(host, recorded, &checked, granted, &expected).await?,
        Err(problems) => vec![Difference::input(&problems)],
    };
    Ok(Replayed { action: name, differences, notes })
}

/// Runs a recording again and compares.
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
        rerun.map_err(|reason| ReplayError::Open { path, reason })?
    else {
        return Ok(Vec::new());
    };
    if let Some(mismatch) = graph.mismatch() {
        // What came of a run that went another way says nothing.
        return Ok(vec![Difference::request(&mismatch, &checked.secrets)]);
    }
    let given = match outcome {
        Ok(result) => json!({ "result": result }),
        Err(Failure::Action(report)) => json!({ "error": report.to_json() }),
        Err(Failure::Stopped { stop, .. }) if is_recorded(&stop, expected) => expected.clone(),
        Err(Failure::Stopped { stop, .. }) => json!({ "stopped": stop.to_string() }),
        Err(Failure::Interrupted { .. }) => json!({ "stopped": "the run was cut short" }),
    };
    let not_made = Difference::not_made(&graph.unused(), &checked.secrets);
    let took = u64::try_from(clock.now().as_millis()).unwrap_or(u64::MAX);
    // Only a virtual clock measures the same time again.
    let elapsed = run.elapsed_ms.filter(|_| run.clock == Some(ClockKind::Virtual));
    let elapsed = elapsed.and_then(|expected| Difference::elapsed(expected, took));
    let outcome = Difference::outcome(expected, &given);
    Ok(not_made.into_iter().chain(outcome).chain(elapsed).collect())
}

/// Runs an action on recorded exchanges and on a virtual clock, which is returned beside what
/// came of it.
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
        faults: None,
        watcher: None,
        turns: None,
    };
    (execute(host, run, std::future::pending()).await, clock)
}

/// What came of the recorded run.
fn outcome(run: &recording::Run) -> Option<Value> {
    match (&run.result, &run.error) {
        (_, Some(error)) => Some(json!({ "error": error })),
        (Some(result), None) => Some(json!({ "result": result })),
        (None, None) => None,
    }
}

/// Whether the recorded run was ended by the same thing.
fn is_recorded(stop: &Stop, expected: &Value) -> bool {
    let recorded = expected.get("error").and_then(|error| error.get("message"));
    recorded.and_then(Value::as_str).is_some_and(|message| message == stop.to_string())
}

/// What a run over this connection may use up.
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
