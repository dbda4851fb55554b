//! `o365 run`: one action, once.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value};
use wasmtime::component::Val;

use super::failure::Failure;
use super::way::{Opened, Way, WayOptions};
use super::{Global, input, output, source};
use crate::connections::{Connection, Lent};
use crate::contract::ActionPolicy;
use crate::egress::authority::Authority;
use crate::egress::ledger::Ledger;
use crate::recording::Secrets;
use crate::sandbox::{Action, Guest, Limits, Outcome, Run, Sandbox};
use crate::values::{self, Problem};

#[derive(Debug, Args)]
pub struct Options {
    /// The action, such as create-user.
    action: String,
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

/// Runs an action and prints its result.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let sandbox =
        Sandbox::new(1).map_err(anyhow::Error::from).context("the sandbox cannot be set up")?;
    let guest = Guest::load(&sandbox, &source::component(global)?).map_err(anyhow::Error::from)?;
    let action = guest.action(&options.action).ok_or_else(|| {
        source::no_such_action(
            &options.action,
            guest.actions().iter().map(|action| action.name.as_str()),
        )
    })?;
    let policy = source::policy()?.action(&options.action).cloned().unwrap_or_default();
    let Prepared { run, close, notice } = prepare(options, action, &policy)?;
    if let Some(notice) = notice {
        output::warn(global.json, &notice);
    }
    let ended = finish(&guest, &sandbox, run);
    // Whatever became of the run, its way out is closed.
    let warnings = close();
    output::result(&ended?)?;
    if let Some(warning) = guest.warning() {
        output::warn(global.json, warning);
    }
    for warning in warnings? {
        output::warn(global.json, &warning);
    }
    Ok(())
}

/// Runs to the end, whatever that is.
fn finish(guest: &Guest, sandbox: &Sandbox, run: Run<'_>) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be set up")?;
    let ledger = run.ledger.clone();
    let outcome = runtime.block_on(async {
        tokio::select! {
            ended = guest.run(sandbox, run) => Some(ended.outcome),
            () = asked_to_end() => None,
        }
    });
    let writes = ledger.in_words();
    match outcome {
        Some(Ok(Outcome::Done(result))) => Ok(result),
        Some(Ok(Outcome::Failed(error))) => Err(Failure::Action(error)),
        Some(Err(stop)) => Err(Failure::Stopped { stop, writes }),
        None => Err(Failure::Interrupted { writes }),
    }
}

/// Waits for Ctrl-C, or for a process manager to end this process.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

struct Prepared<'a> {
    run: Run<'a>,
    close: Box<dyn FnOnce() -> Result<Vec<String>, Failure>>,
    notice: Option<String>,
}

fn prepare<'a>(
    options: &Options,
    action: &'a Action,
    policy: &ActionPolicy,
) -> Result<Prepared<'a>, Failure> {
    let (mut fields, mut problems) =
        input::assemble(options.input.as_ref(), &options.pairs, &action.input)?;
    let way = options.way.choose(&options.action, policy, &fields)?;
    problems.extend(options.way.name_connection(way.as_ref(), &mut fields));
    let secrets = secrets(policy, &fields);
    let input = checked(fields, action, problems)?;
    let (lent, limit) = lend(options, way.as_ref());
    let graph_url = lent
        .as_ref()
        .map(|(_, connection)| connection.graph_root())
        .transpose()
        .map_err(anyhow::Error::from)?;
    let clock = way.clock();
    let notice = way.notice();
    let Opened { way_out, close } = way.open(&secrets, &clock)?;
    let authority =
        Authority { action: options.action.clone(), calls: policy.calls.clone(), graph_url };
    let run = Run {
        action,
        input,
        lent: Lent(lent),
        way_out: authority.in_front_of(way_out),
        clock,
        secrets,
        ledger: Ledger::default(),
        limits: Limits {
            time: limit.unwrap_or(Limits::default().time),
            memory: usize::from(options.memory_limit) << 20,
            ..Limits::default()
        },
    };
    Ok(Prepared { run, close, notice })
}

/// The connection that the run is lent, and how long it may take.
fn lend(options: &Options, way: &dyn Way) -> (Option<(String, Connection)>, Option<Duration>) {
    let said = options.time_limit.map(|seconds| seconds.saturating_mul(1000));
    let mut lent = way.lent().cloned();
    if let (Some((_, connection)), Some(limit)) = (&mut lent, said) {
        connection.time_limit_ms = limit;
    }
    let limit = lent.as_ref().map(|(_, connection)| connection.time_limit_ms).or(said);
    (lent, limit.map(|ms| Duration::from_millis(ms.into())))
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

fn secrets(policy: &ActionPolicy, fields: &Map<String, Value>) -> Secrets {
    policy
        .secrets
        .iter()
        .filter_map(|name| Some((name.clone(), fields.get(name)?.as_str()?.to_owned())))
        .collect()
}
