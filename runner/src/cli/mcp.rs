//! `o365 mcp`: the actions as tools for one client of the Model Context Protocol, over stdin and
//! stdout.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Builder;

use super::failure::Failure;
use super::job::{interrupted, runtime};
use super::serve::assembled::Assembled;
use super::serve::{SIMULATED, ServerFiles};
use super::{Global, output, source};
use crate::connections::allowed::AllowedSecrets;
use crate::connections::config::{Configured, ServeConfig};
use crate::connections::secret::SecretSource;
use crate::platform::{Link, Tenant};
use crate::serve::Keys;
use crate::serve::mcp::stdio;
use crate::simulator::{Simulator, Tenant as Directory};

/// The only tenant.
const TENANT: &str = "local";

/// The runs at a time. A client calls a few tools.
const MAX_RUNS: u32 = 16;

#[derive(Debug, Args)]
pub struct Options {
    /// Simulate a directory for each connection; nothing is kept.
    #[arg(long)]
    simulate: bool,
    /// The only connection that tools use, by its id; by default all of the configuration.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
    /// The actions to offer, separated by commas; by default all.
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',')]
    actions: Vec<String>,
    /// A secret that calls may name as {"$secret": ...}, without knowing it: env: and a variable,
    /// or file: and a path.
    #[arg(long = "allow-secret", value_name = "SECRET")]
    allowed_secrets: Vec<SecretSource>,
    /// Offer only actions that change nothing.
    #[arg(long)]
    read_only: bool,
    /// Let a person confirm each change, through the client, which shows what would change. A
    /// client that cannot ask a person changes nothing.
    #[arg(long)]
    confirm: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let tenant = tenant(global, options)?;
    if io::stdin().is_terminal() {
        output::warn(
            global.json,
            "a client of the Model Context Protocol starts this command, and speaks to it on stdin",
        );
    }
    let component = source::component(global)?.into_owned();
    let files = ServerFiles::of_session(options.simulate)?;
    let runtime = runtime(Builder::new_multi_thread())?;
    let ended = runtime.block_on(serve(tenant, options.confirm, &files, component));
    // Another thread still waits for a line of stdin.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn serve(
    tenant: Tenant,
    confirms: bool,
    files: &ServerFiles,
    component: Vec<u8>,
) -> Result<(), Failure> {
    let config = ServeConfig { max_runs: MAX_RUNS, ..ServeConfig::default() };
    let tenants = vec![tenant];
    let Assembled { service, left, .. } =
        Assembled::of(&config, files, &component, tenants, Keys::default()).await?;
    left.resume(&service).await?;
    let served = tokio::select! {
        served = stdio::serve(service.clone(), TENANT, confirms) => served,
        () = interrupted() => Ok(()),
    };
    service.stop(config.grace).await;
    served.map_err(|error| {
        Failure::usage(
            error.to_string(),
            "Name this command to a client of the Model Context Protocol, which starts it.",
        )
    })
}

/// Returns the tenant with the connections and the actions that the options name.
fn tenant(global: &Global, options: &Options) -> Result<Tenant, Failure> {
    let tenant = Tenant::new(TENANT);
    let tenant = links(global, options)?.into_iter().fold(tenant, Tenant::with_link);
    let documents = source::documents(global)?;
    let mut actions: BTreeSet<String> = match options.actions.is_empty() {
        true => documents.actions().map(|action| action.name.to_owned()).collect(),
        false => options.actions.iter().cloned().collect(),
    };
    source::actions_exist(global, &actions)?;
    if options.read_only {
        let policy = source::policy()?;
        actions.retain(|name| policy.action(name).is_none_or(|it| !it.changes_something()));
        if actions.is_empty() {
            return Err(Failure::usage(
                "no action is left: those that --actions names change something",
                "Leave --read-only out, or name an action that only reads.",
            ));
        }
    }
    let names = options.allowed_secrets.iter().cloned();
    Ok(tenant.with_actions(actions).with_secrets(AllowedSecrets::new(names, Path::new(""))))
}

fn links(global: &Global, options: &Options) -> Result<Vec<Link>, Failure> {
    let directory = || -> anyhow::Result<Simulator> { Ok(Simulator::new(Directory::built_in()?)) };
    let file = match source::configuration(global)? {
        Some(file) => file,
        None if options.simulate => {
            let id = options.connection.as_deref().unwrap_or(SIMULATED);
            return Ok(vec![Link::simulated(id, directory()?)]);
        }
        None => source::connections(global)?,
    };
    let chosen = match &options.connection {
        Some(id) => vec![source::connection(&file, id)?],
        None => file.iter().collect(),
    };
    let link = |configured: &&Configured| match options.simulate {
        true => Ok(Link::simulated(&configured.id, directory()?)),
        false => {
            source::warn_of_trust(global, configured);
            Ok(Link::live((*configured).clone()))
        }
    };
    chosen.iter().map(link).collect()
}
