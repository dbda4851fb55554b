//! `o365 run`: one action, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use http::Uri;
use serde_json::{Map, Value};
use tower::service_fn;
use tower::util::BoxCloneSyncService;
use wasmtime::component::Val;

use super::failure::Failure;
use super::{Global, input, output, source};
use crate::connections::{Connection, Lent};
use crate::contract::ActionPolicy;
use crate::egress::authority::Authority;
use crate::egress::ledger::Ledger;
use crate::egress::replay::Replay;
use crate::egress::{EgressError, HttpError, Request, Response, WayOut};
use crate::recording::har::{Entry, Log};
use crate::recording::{Har, Secrets};
use crate::sandbox::{Action, Clock, Guest, Limits, Outcome, Run, Sandbox};
use crate::values::{self, Problem};

/// The input that names the connection, in every action that uses one.
const CONNECTION_ID: &str = "connectionId";

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
    /// Take Graph's answers from a recording (HAR); nothing leaves this machine.
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// The connection to use; as the input connectionId.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
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
    let Prepared { run, replay } = prepare(options, action, &policy)?;
    let result = finish(&guest, &sandbox, run)?;
    output::result(&result)?;
    if let Some(warning) = guest.warning() {
        output::warn(global.json, warning);
    }
    for unused in replay.iter().flat_map(Replay::unused) {
        let message = format!("the recording holds a request that this run did not make: {unused}");
        output::warn(global.json, &message);
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
    replay: Option<Replay>,
}

fn prepare<'a>(
    options: &Options,
    action: &'a Action,
    policy: &ActionPolicy,
) -> Result<Prepared<'a>, Failure> {
    let (mut fields, mut problems) =
        input::assemble(options.input.as_ref(), &options.pairs, &action.input)?;
    let recording = options.replay.as_ref().map(|path| read(path, options, policy)).transpose()?;
    if !policy.calls.is_empty() && recording.is_none() {
        return Err(Failure::usage(
            format!("{} needs a way to Microsoft Graph, and none was chosen", options.action),
            "Add --replay FILE to take Graph's answers from a recording, such as those in fixtures/.",
        ));
    }
    let seconds = options.time_limit.map(|seconds| seconds.saturating_mul(1000));
    let mut lent = recording.as_ref().and_then(|recording| recording.lent.clone());
    if let (Some((_, connection)), Some(limit)) = (&mut lent, seconds) {
        connection.time_limit_ms = limit;
    }
    let limit = lent.as_ref().map(|(_, connection)| connection.time_limit_ms).or(seconds);
    problems.extend(name_connection(options, lent.as_ref(), &mut fields));
    let secrets = secrets(policy, &fields);
    let input = checked(fields, action, problems)?;
    let clock = if recording.is_some() { Clock::simulated() } else { Clock::real() };
    let graph_url = recording.as_ref().and_then(|recording| recording.graph_url.clone());
    let replay =
        recording.map(|recording| Replay::new(recording.entries, secrets.clone(), clock.clone()));
    let innermost = replay.as_ref().map_or_else(nowhere, Replay::way_out);
    let authority =
        Authority { action: options.action.clone(), calls: policy.calls.clone(), graph_url };
    let run = Run {
        action,
        input,
        lent: Lent(lent),
        way_out: authority.in_front_of(innermost),
        clock,
        secrets,
        ledger: Ledger::default(),
        limits: Limits {
            time: limit.map_or(Limits::default().time, |ms| Duration::from_millis(ms.into())),
            memory: usize::from(options.memory_limit) << 20,
            ..Limits::default()
        },
    };
    Ok(Prepared { run, replay })
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

/// A recording as a run needs it.
struct Recording {
    entries: Vec<Entry>,
    /// The connection that the recorded run was lent, under its id.
    lent: Option<(String, Connection)>,
    /// Its Graph's version root.
    graph_url: Option<Uri>,
}

fn read(path: &Path, options: &Options, policy: &ActionPolicy) -> Result<Recording, Failure> {
    let Log { entries, run } = Har::read(path).map_err(anyhow::Error::from)?.log;
    let path = path.display();
    let run = run.ok_or_else(|| {
        anyhow!("the recording {path} does not say which run it was made of: it has no log._o365")
    })?;
    if run.action != options.action {
        return Err(Failure::usage(
            format!("{path} is a recording of {}, not of {}", run.action, options.action),
            format!("Run {}, or give a recording of {}.", run.action, options.action),
        ));
    }
    let id = run.input.get(CONNECTION_ID).and_then(Value::as_str);
    let lent = id.map(ToOwned::to_owned).zip(run.connection);
    if lent.is_none() && !policy.calls.is_empty() {
        return Err(anyhow!(
            "the recording {path} does not say which connection its run used: \
             log._o365 needs connection, and connectionId in input"
        )
        .into());
    }
    let graph_url = lent
        .as_ref()
        .map(|(_, connection)| connection.graph_root())
        .transpose()
        .with_context(|| format!("the recording {path}"))?;
    Ok(Recording { entries, lent, graph_url })
}

/// Writes the id of the one connection that is possible into the input where the caller
/// left it out; and says what is wrong with the id that the caller gave.
fn name_connection(
    options: &Options,
    lent: Option<&(String, Connection)>,
    fields: &mut Map<String, Value>,
) -> Option<Problem> {
    let problem = |message: String| Some(Problem { pointer: format!("/{CONNECTION_ID}"), message });
    if let Some(id) = &options.connection {
        let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
        if given != id {
            return problem("says another connection than --connection; keep one".to_owned());
        }
    }
    let (id, _) = lent?;
    let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
    match given.as_str() {
        Some(given) if given != id => {
            problem(format!("there is no such connection in the recording; it has {id:?}"))
        }
        _ => None,
    }
}

fn secrets(policy: &ActionPolicy, fields: &Map<String, Value>) -> Secrets {
    policy
        .secrets
        .iter()
        .filter_map(|name| Some((name.clone(), fields.get(name)?.as_str()?.to_owned())))
        .collect()
}

/// The way out of an action that makes no call.
fn nowhere() -> WayOut {
    BoxCloneSyncService::new(service_fn(|_: Request| async {
        Err::<Response, _>(EgressError::Http(HttpError::HttpRequestDenied))
    }))
}
