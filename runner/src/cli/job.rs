//! An action, its input and its way out, as `run` and `plan` take them.

#[cfg(unix)]
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing::Instrument;
use uuid::Uuid;
use wasmtime::component::Val;

use super::failure::Failure;
use super::way::{Way, WayOptions};
use super::{Global, input, source};
use crate::connections::{Connection, InvalidGraphUrl};
use crate::egress::WayOut;
use crate::egress::ledger::Ledger;
use crate::egress::usage::Usage;
use crate::error::kind;
use crate::host::{self, Host, Job};
use crate::platform::Receipt;
use crate::recording::Secrets;
use crate::sandbox::{Action, Clock, Ended, Limits, Outcome};
use crate::telemetry::spans;
use crate::values::{self, Problem};

/// Which action to run, on what, and how.
#[derive(Debug, Args)]
pub struct JobOptions {
    /// The action, such as create-user.
    pub action: String,
    /// Inputs, such as displayName="Allen Allbrook".
    #[arg(value_name = "NAME=VALUE")]
    pairs: Vec<String>,
    /// Read the input as JSON from a file, or from stdin with -.
    #[arg(short, long, value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    way: WayOptions,
    /// How long the run may take, in seconds; 120 if not said, or what the recording says.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    time_limit: Option<u32>,
    /// How much memory the run may take, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    memory_limit: u16,
}

/// A run that has all it needs, and its way out, which is chosen and not open yet.
pub struct Prepared<'a> {
    /// The way out.
    pub way: Box<dyn Way>,
    /// The rest.
    pub job: Unsent<'a>,
}

/// A job without a way out.
pub struct Unsent<'a> {
    /// Its id, in the log and for Graph.
    run: Uuid,
    /// The secret inputs.
    pub secrets: Secrets,
    /// The clock of the run.
    pub clock: Clock,
    /// The input as it was given.
    pub fields: Map<String, Value>,
    action: &'a Action,
    input: Val,
    lent: Option<(String, Connection)>,
    limits: Limits,
}

/// A run that is over.
pub struct Finished {
    /// Its result, or why there is none.
    pub outcome: Result<Value, Failure>,
    /// What is to be said beside a result.
    pub warnings: Vec<String>,
}

impl JobOptions {
    /// Checks everything that can be checked before anything is sent.
    pub fn prepare<'a>(&self, global: &Global, host: &'a Host) -> Result<Prepared<'a>, Failure> {
        let action = source::action(host, &self.action)?;
        let policy = host.policy(&self.action);
        let (mut fields, mut problems) =
            input::assemble(self.input.as_ref(), &self.pairs, &action.input)?;
        let mut way = self.way.choose(global, &self.action, &policy, &fields)?;
        problems.extend(self.way.name_connection(way.as_ref(), &mut fields));
        let secrets = host::secrets(&policy, &fields);
        let input = checked(fields.clone(), action, problems)?;
        let (lent, limit) = self.lend(way.as_ref());
        let usual = Limits::default();
        let memory = usize::from(self.memory_limit) << 20;
        let limits = Limits {
            time: limit.unwrap_or(usual.time),
            memory,
            // Who gives a report more memory means it to be longer.
            result: usual.result.max(memory),
            ..usual
        };
        way.time_limit(limits.time);
        let run = Uuid::now_v7();
        way.run_id(run);
        let clock = way.clock();
        Ok(Prepared {
            way,
            job: Unsent { run, secrets, clock, fields, action, input, lent, limits },
        })
    }

    /// The connection that the run is lent, and how long it may take.
    fn lend(&self, way: &dyn Way) -> (Option<(String, Connection)>, Option<Duration>) {
        let said = self.time_limit.map(|seconds| seconds.saturating_mul(1000));
        let mut lent = way.lent().cloned();
        if let (Some((_, connection)), Some(limit)) = (&mut lent, said) {
            connection.time_limit_ms = limit;
        }
        let limit = lent.as_ref().map(|(_, connection)| connection.time_limit_ms).or(said);
        (lent, limit.map(|ms| Duration::from_millis(ms.into())))
    }
}

impl Unsent<'_> {
    /// The action's name.
    pub fn action(&self) -> &str {
        &self.action.name
    }

    /// The connection that the run is lent.
    pub fn connection(&self) -> Option<&Connection> {
        self.lent.as_ref().map(|(_, connection)| connection)
    }

    /// Runs it through `way_out` to the end, whatever that is.
    pub fn finish(self, host: &Host, way_out: WayOut) -> Finished {
        let Self { run, secrets, clock, action, input, lent, limits, .. } = self;
        let span = spans::run(run, None, Some(&action.name));
        let (began, usage) = (Instant::now(), Usage::default());
        let connection = lent.as_ref().map(|(_, connection)| connection.clone());
        let ledger = Ledger::default();
        let job = Job {
            action,
            input,
            secrets,
            lent,
            way_out,
            clock,
            ledger: ledger.clone(),
            limits,
            usage: usage.clone(),
            line: None,
        };
        let ended = async {
            tokio::select! {
                ended = host.run(job) => Some(ended),
                () = asked_to_end() => None,
            }
        };
        let outcome = runtime().and_then(|runtime| {
            let ended = runtime.block_on(ended.instrument(span.clone()));
            result(ended, ledger.in_words())
        });
        let error = outcome.as_ref().err().map(Failure::error);
        spans::ended(&span, error.as_ref().map(kind), &Receipt::of(&usage, began));
        let connection = connection.filter(|_| outcome.is_ok());
        let warnings = connection.map(|connection| host.warnings(&ledger, &connection));
        Finished { outcome, warnings: warnings.unwrap_or_default() }
    }
}

/// What came of a run; none if somebody asked it to end. `writes` had gone out until then.
fn result(
    ended: Option<Result<Ended, InvalidGraphUrl>>,
    writes: Vec<String>,
) -> Result<Value, Failure> {
    let Some(ended) = ended else { return Err(Failure::Interrupted { writes }) };
    let Ended { outcome, .. } = ended.map_err(anyhow::Error::from)?;
    match outcome {
        Ok(Outcome::Done(result)) => Ok(result),
        Ok(Outcome::Failed(error)) => Err(Failure::Action(error)),
        Err(stop) => Err(Failure::Stopped { stop, writes }),
    }
}

/// What a command waits with.
pub fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("the runtime cannot be set up")?)
}

/// Waits for Ctrl-C, for a process manager to end this process, or for its terminal to close.
#[cfg(unix)]
pub async fn asked_to_end() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = comes(SignalKind::terminate()) => {}
        () = comes(SignalKind::hangup()), if !outlives_its_terminal() => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Waits for a signal; for ever where it cannot be listened for.
#[cfg(unix)]
async fn comes(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Whether whoever started this process lets it ignore the end of its terminal, as `nohup`
/// does; listening for the signal would undo that. Where it cannot be told, it may be so.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let ignored = || {
        // A set of signals in hexadecimal, the lowest bit being signal 1, which it is (proc(5)).
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(set.trim(), 16).ok()
    };
    ignored().is_none_or(|set| set & 1 != 0)
}

/// The input as the action takes it, or everything that is wrong with it.
fn checked(
    fields: Map<String, Value>,
    action: &Action,
    mut problems: Vec<Problem>,
) -> Result<Val, Failure> {
    match values::from_json(&Value::Object(fields), &action.input) {
        Ok(input) if problems.is_empty() => Ok(input),
        Ok(_) => Err(Failure::Input(problems)),
        Err(more) => {
            // What is wrong with how a field was given is why it is missing.
            let told: Vec<String> =
                problems.iter().map(|problem| problem.pointer.clone()).collect();
            problems.extend(more.into_iter().filter(|more| !told.contains(&more.pointer)));
            Err(Failure::Input(problems))
        }
    }
}
