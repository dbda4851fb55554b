//! The action, input and backend of `run` and `plan`.

#[cfg(unix)]
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::runtime::{Builder, Runtime};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::backend::{BackendOptions, ChosenBackend};
use super::failure::{self, Failure};
use super::progress::Progress;
use super::{Global, input, source};
use crate::connections::allowed::AllowedSecrets;
use crate::connections::secret::SecretSource;
use crate::connections::tokens::TokenCache;
use crate::context::{Clock, RunContext};
use crate::contract::Connection;
use crate::egress::faults::Faults;
use crate::egress::journal::Durable;
use crate::egress::record::Recorder;
use crate::journal::Begun;
use crate::limits::Limits;
use crate::report::Report;
use crate::run::secret_inputs::{self, Made};
use crate::run::{Backend, Checked, Executed, Host, Run, Shared, execute, through_crashes};
use crate::telemetry::spans;

#[derive(Debug, Args)]
pub struct JobOptions {
    /// The action, such as create-user.
    pub action: String,
    /// Inputs, such as displayName="Allen Allbrook".
    #[arg(value_name = "NAME=VALUE")]
    pairs: Vec<String>,
    /// Read the input as JSON from a file, or from stdin (-).
    #[arg(short, long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// A secret that the input may name as {"$secret": ...}: env: and a variable, or file: and a
    /// path.
    #[arg(long = "allow-secret", value_name = "SECRET")]
    allowed_secrets: Vec<SecretSource>,
    #[command(flatten)]
    backend: BackendOptions,
    /// The time limit of the run, in seconds; by default 120, or that of the recording.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    time_limit: Option<u32>,
    /// The memory limit of the run, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    memory_limit: u16,
}

/// A run that is ready to start.
pub struct Prepared {
    /// The backend. Its connection is in `granted`.
    pub chosen: ChosenBackend,
    pub checked: Checked,
    /// The secrets that were made up.
    pub made: Made,
    pub context: RunContext,
    /// The granted connection with its id.
    pub granted: Option<(String, Connection)>,
}

impl JobOptions {
    /// Checks everything that can be checked before a request is sent.
    pub fn prepare(&self, global: &Global, host: &Host) -> Result<Prepared, Failure> {
        let action = source::action(host, &self.action)?;
        let policy = host.policy(&self.action);
        let (mut fields, mut problems) =
            input::assemble(self.input.as_ref(), &self.pairs, &action.input)?;
        let mut chosen = self.backend.choose(global, &self.action, &policy, &fields)?;
        problems.extend(self.backend.name_connection(&chosen, &mut fields));
        let allowed = AllowedSecrets::new(self.allowed_secrets.iter().cloned(), Path::new(""));
        let made = secret_inputs::resolve(&mut fields, &policy, &allowed);
        let made = made.unwrap_or_else(|more| {
            problems.extend(more);
            Made::new()
        });
        let checked = Checked::new(host, action, fields, problems).map_err(Report::input)?;
        let (granted, limit) = self.grant(chosen.granted.take());
        let defaults = Limits::default();
        let memory = usize::from(self.memory_limit) << 20;
        let limits = Limits {
            time: limit.unwrap_or(defaults.time),
            memory,
            // More memory is meant for a longer report.
            result: defaults.result.max(memory),
            ..defaults
        };
        let (clock, redaction) = (chosen.backend.clock(), checked.redaction());
        let context = RunContext::new(Uuid::now_v7(), &self.action, limits, clock, redaction);
        Ok(Prepared { chosen, checked, made, context, granted })
    }

    /// Returns the connection with the run's time limit, and that limit.
    fn grant(&self, mut granted: Granted) -> (Granted, Option<Duration>) {
        let given = self.time_limit.map(|seconds| seconds.saturating_mul(1000));
        if let (Some((_, connection)), Some(limit)) = (&mut granted, given) {
            connection.time_limit_ms = limit;
        }
        let limit = granted.as_ref().map(|(_, connection)| connection.time_limit_ms).or(given);
        (granted, limit.map(|ms| Duration::from_millis(ms.into())))
    }
}

/// A connection with its id, if the action needs one.
type Granted = Option<(String, Connection)>;

impl Prepared {
    /// Executes the run, until a signal interrupts the process.
    pub fn execute(
        &self,
        global: &Global,
        host: &Host,
        plan: bool,
        recorded: bool,
    ) -> Result<Executed, Failure> {
        let Self { chosen, checked, context, granted, .. } = self;
        chosen.warn(global);
        let deadline = Instant::now().checked_add(context.limits.time);
        let shared = Shared { tokens: TokenCache::default().until(deadline), ..Shared::default() };
        // After all warnings, so that none of them breaks the line.
        let live = matches!(chosen.backend, Backend::Live(_));
        let progress = live.then(|| Progress::start(global.json)).flatten();
        let faults = chosen.faults.clone().map(Faults::new);
        let process = async |clock: Clock, durable: Option<Durable>| {
            let run = Run {
                recorder: recorded.then(|| Recorder::new(clock.clone())),
                context: context.anew(clock),
                checked,
                granted: granted.clone(),
                backend: &chosen.backend,
                shared: &shared,
                plan,
                audit: None,
                durable,
                faults: faults.clone(),
                watcher: progress.as_ref().map(Progress::watcher),
                turns: None,
            };
            Ok::<_, Failure>(execute(host, run, interrupted()).await?)
        };
        let span = spans::run(context.id, None, Some(&checked.action.name));
        let began = std::time::Instant::now();
        let begun = self.may_crash(host);
        let executing = through_crashes(begun, || chosen.backend.clock(), process);
        let executing = executing.instrument(span.clone());
        let executed = runtime(Builder::new_current_thread())?.block_on(executing)?;
        let report = executed.outcome.as_ref().err().map(failure::report);
        let receipt = executed.context.usage.receipt(began);
        spans::ended(&span, report.as_ref().map(Report::kind_name), &receipt);
        Ok(executed)
    }

    /// Returns what the run needs to begin again, if faults crash it.
    fn may_crash(&self, host: &Host) -> Option<Begun> {
        let Self { chosen, checked, context, granted, .. } = self;
        chosen.faults.as_ref().filter(|script| script.crashes())?;
        let (input, component) = (checked.fields.clone(), host.component());
        let RunContext { id, action, limits, .. } = context;
        Some(Begun::now(*id, action, *limits, granted.clone()?, input, component))
    }
}

/// Builds a runtime.
pub fn runtime(mut builder: Builder) -> anyhow::Result<Runtime> {
    builder.enable_all().build().context("the runtime cannot be set up")
}

/// Runs a future to its end on this thread.
pub fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    Ok(runtime(Builder::new_current_thread())?.block_on(future))
}

/// Waits for Ctrl-C, SIGTERM, or the end of the terminal.
#[cfg(unix)]
pub async fn interrupted() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()), if !outlives_its_terminal() => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Waits for a signal, without end if no handler can be installed.
#[cfg(unix)]
async fn received(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Returns whether the process ignores the end of its terminal, as under `nohup`. A handler for
/// the signal would undo that. If it is not known, the result is true.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let ignored = || {
        // A hexadecimal set of signals, whose lowest bit is signal 1, SIGHUP (proc(5)).
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(set.trim(), 16).ok()
    };
    ignored().is_none_or(|set| set & 1 != 0)
}
