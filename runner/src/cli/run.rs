//! `o365 run`: one action, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use http::Uri;
use serde_json::{Map, Value};
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use super::failure::Failure;
use super::{Global, input, output, source};
use crate::connections::{Connection, Lent};
use crate::contract::ActionPolicy;
use crate::egress::authority::Authority;
use crate::egress::replay::Replay;
use crate::egress::{EgressError, HttpError, Request, Response, WayOut};
use crate::recording::{self, Har};
use crate::sandbox::{Action, Clock, Guest, Limits, Outcome, Run, Sandbox};
use crate::values::{self, Problem};

/// The input that names the connection, in every action that uses one.
const CONNECTION_ID: &str = "connectionId";

/// How much longer than the guest is told the sandbox lets it run, so that a guest
/// that keeps to its time can still say what it has done.
const GRACE: Duration = Duration::from_secs(2);

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
    /// How long the run may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    time_limit: u32,
    /// How much memory the run may take, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    memory_limit: u16,
}

/// Runs an action and prints its result.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let (sandbox, cache_problem) =
        Sandbox::new(1).map_err(anyhow::Error::from).context("the sandbox cannot be set up")?;
    if let Some(problem) = cache_problem {
        eprintln!("warning: {problem}");
    }
    let guest = Guest::load(&sandbox, &source::component(global)?).map_err(anyhow::Error::from)?;
    let action = guest.action(&options.action).ok_or_else(|| {
        source::no_such_action(
            &options.action,
            guest.actions().iter().map(|action| action.name.as_str()),
        )
    })?;
    let policy = source::policy()?.action(&options.action).cloned().unwrap_or_default();
    let prepared = prepare(options, action, &policy)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be set up")?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            ended = guest.run(&sandbox, prepared.run) => Ok(ended.outcome?),
            _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        }
    })?;
    match outcome {
        Outcome::Done(result) => {
            warn_of_unused(prepared.replay.as_ref());
            output::json(&result)
        }
        Outcome::Failed(error) => Err(Failure::Action(error)),
    }
}

fn warn_of_unused(replay: Option<&Replay>) {
    for unused in replay.iter().flat_map(|replay| replay.unused()) {
        eprintln!("warning: the recording holds a request that this run did not make: {unused}");
    }
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
    let mut fields = input::assemble(options.input.as_ref(), &options.pairs, &action.input)?;
    let recording = options.replay.as_ref().map(|path| read(path, &options.action)).transpose()?;
    let way_out_needed = !policy.calls.is_empty();
    if way_out_needed && recording.is_none() {
        return Err(Failure::usage(
            format!("{} needs a way to Microsoft Graph, and none was chosen", options.action),
            "Add --replay FILE to take Graph's answers from a recording, such as those in fixtures/.",
        ));
    }
    let recorded = recording.as_ref().map(|(_, run)| run);
    let lent = lend(options, recorded, &mut fields)?;
    let clock = if recording.is_some() { Clock::simulated() } else { Clock::real() };
    let secrets = secrets(policy, &fields);
    let input = values::from_json(&Value::Object(fields), &action.input).map_err(Failure::Input)?;
    let replay = recording.map(|(har, _)| Replay::new(har.log.entries, secrets, clock.clone()));
    let innermost = replay.as_ref().map_or_else(nowhere, Replay::way_out);
    let authority = Authority {
        action: options.action.clone(),
        calls: policy.calls.clone(),
        graph_url: graph_url(&lent)?,
    };
    let run = Run {
        action,
        input,
        lent,
        way_out: authority.in_front_of(innermost),
        clock,
        limits: Limits {
            time: Duration::from_secs(options.time_limit.into()) + GRACE,
            memory: usize::from(options.memory_limit) << 20,
            ..Limits::default()
        },
    };
    Ok(Prepared { run, replay })
}

/// A recording, and the run that it was made of.
fn read(path: &Path, action: &str) -> Result<(Har, recording::Run), Failure> {
    let har = Har::read(path).map_err(anyhow::Error::from)?;
    let Some(run) = har.log.run.clone() else {
        return Err(Failure::usage(
            format!("{} does not say which run it was made of", path.display()),
            "Give a recording that this program made: one with log._o365.",
        ));
    };
    if run.action != action {
        return Err(Failure::usage(
            format!("{} is a recording of {}, not of {action}", path.display(), run.action),
            format!("Run {}, or give a recording of {action}.", run.action),
        ));
    }
    Ok((har, run))
}

/// Lends the one connection that is possible, and writes its id into the input where
/// the caller left it out.
fn lend(
    options: &Options,
    recorded: Option<&recording::Run>,
    fields: &mut Map<String, Value>,
) -> Result<Lent, Failure> {
    let problem = |message: String| {
        Failure::Input(vec![Problem { pointer: format!("/{CONNECTION_ID}"), message }])
    };
    let possible: Option<(String, Connection)> = recorded.and_then(|run| {
        let id = run.input.get(CONNECTION_ID)?.as_str()?.to_owned();
        let mut connection = run.connection.clone()?;
        connection.time_limit_ms = options.time_limit.saturating_mul(1000);
        Some((id, connection))
    });
    if let Some(id) = &options.connection {
        match fields.get(CONNECTION_ID) {
            Some(given) if given != id => {
                return Err(problem(format!(
                    "says another connection than --connection {id}; keep one"
                )));
            }
            _ => fields.insert(CONNECTION_ID.to_owned(), id.clone().into()),
        };
    }
    let Some((id, connection)) = possible else { return Ok(Lent(None)) };
    let given = fields.entry(CONNECTION_ID).or_insert_with(|| id.clone().into());
    match given.as_str() {
        Some(given) if given != id => {
            Err(problem(format!("there is no such connection in the recording; it has {id:?}")))
        }
        _ => Ok(Lent(Some((id, connection)))),
    }
}

fn secrets(policy: &ActionPolicy, fields: &Map<String, Value>) -> recording::Secrets {
    policy
        .secrets
        .iter()
        .filter_map(|name| Some((name.clone(), fields.get(name)?.as_str()?.to_owned())))
        .collect()
}

fn graph_url(lent: &Lent) -> Result<Option<Uri>, Failure> {
    let Some((id, connection)) = &lent.0 else { return Ok(None) };
    Ok(Some(connection.graph_url.parse().with_context(|| {
        format!("the connection {id} has the Graph address {:?}", connection.graph_url)
    })?))
}

/// The way out of an action that makes no call.
fn nowhere() -> WayOut {
    BoxCloneSyncService::new(service_fn(|_: Request| async {
        Err::<Response, _>(EgressError::Http(HttpError::HttpRequestDenied))
    }))
}
