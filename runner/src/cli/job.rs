//! An action, its input and its backend, as `run` and `plan` take them.

#[cfg(unix)]
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::runtime::{Builder, Runtime};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::backend::{BackendOptions, Chosen};
use super::failure::{self, Failure};
use super::progress::Progress;
use super::{Global, input, source};
use crate::connections::tokens::TokenCache;
use crate::context::RunContext;
use crate::contract::Connection;
use crate::egress::record::Recorder;
use crate::limits::Limits;
use crate::report::Report;
use crate::run::{Backend, Checked, Executed, Host, Run, Shared, execute};
use crate::telemetry::spans;

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
    backend: BackendOptions,
    /// How long the run may take, in seconds; 120 if not said, or what the recording says.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    time_limit: Option<u32>,
    /// How much memory the run may take, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    memory_limit: u16,
}

/// A run that has all it needs, and has sent nothing yet.
pub struct Prepared {
    /// The backend, without its connection.
    pub chosen: Chosen,
    /// The action and its input.
    pub checked: Checked,
    /// The run.
    pub context: RunContext,
    /// The connection that is granted to it, under its id.
    pub granted: Option<(String, Connection)>,
}

impl JobOptions {
    /// Checks everything that can be checked before anything is sent.
    pub fn prepare(&self, global: &Global, host: &Host) -> Result<Prepared, Failure> {
        let action = source::action(host, &self.action)?;
        let policy = host.policy(&self.action);
        let (mut fields, mut problems) =
            input::assemble(self.input.as_ref(), &self.pairs, &action.input)?;
        let mut chosen = self.backend.choose(global, &self.action, &policy, &fields)?;
        problems.extend(self.backend.name_connection(&chosen, &mut fields));
        let checked = Checked::new(host, action, fields, problems).map_err(Report::input)?;
        let (granted, limit) = self.grant(chosen.granted.take());
        let usual = Limits::default();
        let memory = usize::from(self.memory_limit) << 20;
        let limits = Limits {
            time: limit.unwrap_or(usual.time),
            memory,
            // Who gives a report more memory means it to be longer.
            result: usual.result.max(memory),
            ..usual
        };
        let (clock, redaction) = (chosen.backend.clock(), checked.redaction());
        let context = RunContext::new(Uuid::now_v7(), &self.action, limits, clock, redaction);
        Ok(Prepared { chosen, checked, context, granted })
    }

    /// The connection with the run's time limit, and how long the run may take.
    fn grant(&self, mut granted: Grant) -> (Grant, Option<Duration>) {
        let said = self.time_limit.map(|seconds| seconds.saturating_mul(1000));
        if let (Some((_, connection)), Some(limit)) = (&mut granted, said) {
            connection.time_limit_ms = limit;
        }
        let limit = granted.as_ref().map(|(_, connection)| connection.time_limit_ms).or(said);
        (granted, limit.map(|ms| Duration::from_millis(ms.into())))
    }
}

/// A connection under its id, if an action needs one.
type Grant = Option<(String, Connection)>;

impl Prepared {
    /// Runs it to the end, whatever that is, or until somebody asks this process to end.
    pub fn execute(
        &self,
        global: &Global,
        host: &Host,
        plan: bool,
        recorder: Option<Recorder>,
    ) -> Result<Executed, Failure> {
        let Self { chosen, checked, context, granted } = self;
        chosen.warn(global);
        let deadline = Instant::now().checked_add(context.limits.time);
        let shared = Shared { tokens: TokenCache::default().until(deadline), ..Shared::default() };
        // Last, so that no warning runs into the line.
        let live = matches!(chosen.backend, Backend::Live(_));
        let progress = live.then(|| Progress::start(global.json)).flatten();
        let run = Run {
            context: context.clone(),
            checked,
            granted: granted.clone(),
            backend: &chosen.backend,
            shared: &shared,
            plan,
            recorder,
            audit: None,
            faults: chosen.faults.clone(),
            watcher: progress.as_ref().map(Progress::watcher),
            turns: None,
        };
        let span = spans::run(context.id, None, Some(&checked.action.name));
        let began = std::time::Instant::now();
        let executing = execute(host, run, asked_to_end()).instrument(span.clone());
        let executed = runtime()?.block_on(executing)?;
        let report = executed.outcome.as_ref().err().map(failure::report);
        let receipt = context.usage.receipt(began);
        spans::ended(&span, report.as_ref().map(Report::kind_name), &receipt);
        Ok(executed)
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
