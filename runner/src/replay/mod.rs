//! Replaying recordings: a component is run on a recording, offline and on a virtual clock,
//! and what it does is compared with what was recorded.
//!
//! - `difference`: what differs, in a sentence and as a unified diff

mod difference;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use wasmtime::component::Val;

use crate::connections::Connection;
use crate::egress::ledger::Ledger;
use crate::egress::replay::Replay;
use crate::egress::usage::Usage;
use crate::host::{self, Host, Job};
use crate::recording::har::ClockKind;
use crate::recording::stand_ins::{self, StandInError};
use crate::recording::{Recorded, RecordedError, Run, Secrets};
use crate::sandbox::{Action, Clock, Limits, Outcome, Stop};
use crate::values;

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
        reason: StandInError,
    },
    /// The component does not have its action.
    #[error("the recording {} is one of the action {action}, which the component does not have", path.display())]
    NoAction {
        /// The file.
        path: PathBuf,
        /// The action.
        action: String,
    },
    /// It does not say what to compare with.
    #[error("the recording {} does not say what came of its run: log._o365 needs result or error", path.display())]
    NoOutcome {
        /// The file.
        path: PathBuf,
    },
}

/// A recording and all that is needed to run it again.
struct Rerun<'a> {
    recorded: Recorded,
    action: &'a Action,
    lent: Option<(String, Connection)>,
    secrets: Secrets,
    expected: Value,
    /// How long the run took, in milliseconds, where that was measured by a virtual clock.
    elapsed: Option<u64>,
}

/// Replays the recording in the file `path`. Wants a runtime of one thread, as the virtual
/// clock takes what is ready at one moment in one order.
pub async fn replay(host: &Host, path: &Path) -> Result<Replayed, ReplayError> {
    let recorded = Recorded::read(path)?;
    let run = &recorded.run;
    let elapsed = run.elapsed_ms.filter(|_| run.clock == Some(ClockKind::Virtual));
    let name = run.action.clone();
    let notes = notes(run, host);
    let fields = stand_ins::input(&run.input)
        .map_err(|reason| ReplayError::Input { path: path.to_owned(), reason })?;
    let expected = outcome(run).ok_or_else(|| ReplayError::NoOutcome { path: path.to_owned() })?;
    let action = host
        .guest()
        .action(&name)
        .ok_or_else(|| ReplayError::NoAction { path: path.to_owned(), action: name.clone() })?;
    let policy = host.policy(&name);
    let lent = recorded.lent(&policy)?;
    let secrets = host::secrets(&policy, &fields);
    let differences = match values::from_json(&Value::Object(fields), &action.input) {
        Ok(input) => {
            Rerun { recorded, action, lent, secrets, expected, elapsed }.run(host, input).await?
        }
        Err(problems) => vec![Difference::input(&problems)],
    };
    Ok(Replayed { action: name, differences, notes })
}

impl Rerun<'_> {
    /// Runs it and compares.
    async fn run(self, host: &Host, input: Val) -> Result<Vec<Difference>, ReplayError> {
        let Self { recorded, action, lent, secrets, expected, elapsed } = self;
        let clock = Clock::simulated();
        let graph = Replay::new(recorded.entries, secrets.clone(), clock.clone());
        let job = Job {
            action,
            input,
            secrets: secrets.clone(),
            limits: limits(lent.as_ref()),
            lent,
            way_out: graph.way_out(),
            clock: clock.clone(),
            ledger: Ledger::default(),
            usage: Usage::default(),
            line: None,
        };
        let path = recorded.path;
        let ended =
            host.run(job).await.map_err(|reason| RecordedError::GraphUrl { path, reason })?;
        if let Some(mismatch) = graph.mismatch() {
            // What came of a run that went another way says nothing.
            return Ok(vec![Difference::request(&mismatch, &secrets)]);
        }
        let given = match ended.outcome {
            Ok(Outcome::Done(result)) => json!({ "result": result }),
            Ok(Outcome::Failed(error)) => json!({ "error": error }),
            Err(stop) if is_recorded(&stop, &expected) => expected.clone(),
            Err(stop) => json!({ "stopped": stop.to_string() }),
        };
        let not_made = Difference::not_made(&graph.unused(), &secrets);
        let took = u64::try_from(clock.now().as_millis()).unwrap_or(u64::MAX);
        let elapsed = elapsed.and_then(|expected| Difference::elapsed(expected, took));
        let outcome = Difference::outcome(&expected, &given);
        Ok(not_made.into_iter().chain(outcome).chain(elapsed).collect())
    }
}

/// What came of the recorded run.
fn outcome(run: &Run) -> Option<Value> {
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
pub fn limits(lent: Option<&(String, Connection)>) -> Limits {
    let time = lent.map(|(_, connection)| Duration::from_millis(connection.time_limit_ms.into()));
    Limits { time: time.unwrap_or(Limits::default().time), ..Limits::default() }
}

fn notes(run: &Run, host: &Host) -> Vec<String> {
    match &run.component {
        Some(digest) if digest != host.component() => vec![format!(
            "it was recorded with another build of the component: sha256 {digest}; this one is {}",
            host.component()
        )],
        _ => Vec::new(),
    }
}
