//! `o365 serve`: serves the actions over HTTP.
//!
//! - `assembled`: the service with what is below it
//! - `manager`: what the service manager is told
//! - `reload`: reads the configuration again, and checks it
//! - `sessions`: the state directory, and those of the sessions of `o365 mcp`
//! - `state`: what runs leave
//! - `signals`: the signals of the process

pub mod assembled;
mod manager;
mod reload;
pub mod sessions;
mod signals;
pub mod state;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use anstyle::Style;
use anyhow::Context;
use clap::Args;
use disk::lock::Lock;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::failure::Failure;
use super::job::runtime;
use super::{Global, output, source};
use crate::api_key::ApiKey;
use crate::connections::config::{CallbackConfig, Configured, ServeConfig};
use crate::platform::{Link, Platform, Tenant};
use crate::report::{Kind, Report};
use crate::serve::listen::Listener;
use crate::serve::tls::Tls;
use crate::serve::{Keys, configured, open_files};
use crate::simulator::{Simulator, Tenant as Directory};
use assembled::Assembled;
use reload::{Reloading, has_tenant, short_of_places, warn, warn_of_expiry, warn_of_secrets};
use sessions::{private_directory, user_directory};
use signals::{Signal, Signals};

/// The tenant and its connection without a configuration.
pub const SIMULATED: &str = "contoso";

#[derive(Debug, Default, Args)]
pub struct Options {
    /// The address to listen on, in place of the configured one. Port 0 takes a free port.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<SocketAddr>,
    /// The audit log, in place of the configured one.
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
    /// Simulate a directory for each connection of each tenant; nothing is kept. Without a
    /// configuration there is one tenant, and its key is printed.
    #[arg(long)]
    simulate: bool,
}

/// The configuration of a server.
pub struct Setup {
    pub config: ServeConfig,
    pub tenants: Vec<Tenant>,
    pub keys: Keys,
    pub callbacks: BTreeMap<String, CallbackConfig>,
    /// The key of the only tenant without a configuration.
    key: Option<ApiKey>,
    simulated: bool,
    pub files: ServerFiles,
}

/// The files of a server.
pub struct ServerFiles {
    pub audit_log: PathBuf,
    answers: PathBuf,
    journals: PathBuf,
    /// The directory of the secrets that were made up.
    generated: PathBuf,
    /// The directory of the store.
    state: PathBuf,
    /// The temporary directory of a simulation.
    _scratch: Option<TempDir>,
    /// The lock on the directory of a session.
    _lock: Option<Lock>,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let setup = Setup::of(global, options)?;
    let component = source::component(global)?.into_owned();
    let runtime = runtime(Builder::new_multi_thread())?;
    let ended = runtime.block_on(serve(global, options, setup, component));
    // A blocked thread, as on a slow disk, does not delay the exit.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn serve(
    global: &Global,
    options: &Options,
    setup: Setup,
    component: Vec<u8>,
) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    open_files::raise();
    let Setup { config, tenants, keys, callbacks, key, simulated, files } = setup;
    let tls = config.tls.as_ref().map(Tls::open).transpose();
    let tls = tls.map_err(|error| Failure::setup(&error, error.fix()))?;
    let short = short_of_places(&tenants, config.max_runs);
    let Assembled { audit, platform, service, left } =
        Assembled::of(&config, &files, &component, tenants, keys).await?;
    if let Some(short) = short {
        warn(global, &short);
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = config.address;
    let listener = Listener::bind(&config, tls.clone()).await;
    let listener = listener.map_err(|error| cannot_listen(address, &error))?;
    let address = listener.address().context("the address is unknown")?;
    service.announce(config.public_url.clone());
    service.call_back(callbacks).map_err(anyhow::Error::from)?;
    let process = left.resume(&service).await?;
    announce(global, &format!("{scheme}://{address}"), &platform, key.as_ref(), simulated, &files)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let end = async move {
        let _ = stopped.await;
    };
    let answering = tokio::spawn(listener.run(service.clone(), end));
    let reloading = Reloading {
        global,
        options,
        config: &config,
        platform: &platform,
        service: &service,
        audit: &audit,
        tls: tls.as_ref(),
    };
    manager::ready();
    manager::feed_watchdog();
    while signals.next().await == Signal::Reload {
        manager::reloading();
        reloading.reload().await;
        manager::ready();
    }
    manager::stopping(config.grace);
    tracing::info!(grace = ?config.grace, "stopping");
    let mut stopping = pin!(service.stop(config.grace));
    let cut = tokio::select! {
        cut = &mut stopping => cut,
        // A second signal ends the wait.
        () = signals.end() => service.stop(Duration::ZERO).await,
    };
    drop(stop);
    let _ = answering.await;
    if let Some(process) = process {
        process.leave().await;
    }
    if cut > 0 {
        let cut = match cut {
            1 => "1 run was interrupted; if it has changed something, the next server continues it"
                .to_owned(),
            more => format!(
                "{more} runs were interrupted; the next server continues those that have changed something"
            ),
        };
        warn(global, &cut);
    }
    Ok(())
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    let fix = match error.kind() {
        ErrorKind::AddrInUse => {
            "End the process that listens there, or name another address with --address."
        }
        _ => {
            "Name another address with --address: one of this machine, with a port that this user may use."
        }
    };
    let message = format!("cannot listen on {address}: {error}");
    Report::new(Kind::Environment, message, fix).into()
}

impl Setup {
    /// Returns the setup of the configured server.
    pub fn configured(global: &Global, audit_log: Option<PathBuf>) -> Result<Self, Failure> {
        Self::of(global, &Options { audit_log, ..Options::default() })
    }

    fn of(global: &Global, options: &Options) -> Result<Self, Failure> {
        let file = match source::served(global)? {
            None if options.simulate => return Self::without_configuration(options),
            None => return Err(source::connections(global).err().unwrap_or(Failure::Explained)),
            Some(file) => file,
        };
        has_tenant(&file)?;
        if !options.simulate {
            warn_of_secrets(global, &file);
        }
        warn_of_expiry(global, &file);
        let directory = Directory::built_in().map_err(anyhow::Error::from)?;
        let link = |_: &str, one: &Configured| match options.simulate {
            false => Link::live(one.clone()),
            true => Link::simulated(&one.id, Simulator::new(directory.clone())),
        };
        let tenants = configured::tenants(&file, link);
        let keys = configured::keys(&file);
        let callbacks = configured::callbacks(&file);
        let config = with_address(options, file.serve().clone())?;
        // A simulation keeps nothing.
        let store = config.store.filter(|_| !options.simulate);
        let config = ServeConfig { store, ..config };
        let files = ServerFiles::of(options, &config)?;
        Ok(Self { config, tenants, keys, callbacks, key: None, simulated: options.simulate, files })
    }

    /// Returns the setup of one tenant with a key and a simulated directory.
    fn without_configuration(options: &Options) -> Result<Self, Failure> {
        let directory = Directory::built_in().map_err(anyhow::Error::from)?;
        let key = ApiKey::generate().map_err(anyhow::Error::from)?;
        let link = Link::simulated(SIMULATED, Simulator::new(directory));
        let keys = Keys {
            tenants: [(SIMULATED.to_owned(), vec![key.hash().into()])].into(),
            operators: Vec::new(),
        };
        let config = with_address(options, ServeConfig::default())?;
        let files = ServerFiles::of(options, &config)?;
        let tenants = vec![Tenant::new(SIMULATED).with_link(link)];
        let callbacks = BTreeMap::new();
        Ok(Self { config, tenants, keys, callbacks, key: Some(key), simulated: true, files })
    }
}

/// Replaces the address of a configuration by that of the command line, under the same rule.
fn with_address(options: &Options, config: ServeConfig) -> Result<ServeConfig, Failure> {
    let address = options.address.unwrap_or(config.address);
    if !address.ip().is_loopback() && config.tls.is_none() && !config.proxies.end_tls {
        return Err(Failure::usage(
            format!("{address} can be reached from other machines, and there is no certificate"),
            "Add certificate and private-key to [serve] in the configuration, or tls = \"terminated-by-proxy\", or listen on 127.0.0.1.",
        ));
    }
    Ok(ServeConfig { address, ..config })
}

impl ServerFiles {
    /// Returns the files. A simulation has its own, in a temporary directory.
    fn of(options: &Options, config: &ServeConfig) -> Result<Self, Failure> {
        let scratch = match options.simulate {
            true => Some(TempDir::with_prefix("o365-serve-").context("a temporary directory")?),
            false => None,
        };
        let directory = match &scratch {
            Some(scratch) => scratch.path().to_owned(),
            None => {
                let path = user_directory()?;
                private_directory(&path)?;
                path
            }
        };
        let audit_log = match (&options.audit_log, &scratch) {
            (Some(path), _) => path.clone(),
            (None, Some(_)) => directory.join("audit.jsonl"),
            (None, None) => config.audit_log_path().map_err(anyhow::Error::from)?,
        };
        let answers = directory.join("serve");
        let journals = directory.join(state::RUNS);
        // Where the command looks that reads them, also for a simulation.
        let own = user_directory().unwrap_or_else(|_| directory.clone());
        let generated = own.join(state::SECRETS);
        let state = if scratch.is_some() { directory.join("state") } else { directory };
        Ok(Self { audit_log, answers, journals, generated, state, _scratch: scratch, _lock: None })
    }

    /// Returns the files of a session with one client: in a directory that no other session uses,
    /// so that what a session leaves behind is there for the next one.
    pub fn of_session(simulate: bool) -> Result<Self, Failure> {
        if simulate {
            let options = Options { simulate, ..Options::default() };
            return Self::of(&options, &ServeConfig::default());
        }
        let (directory, lock) = sessions::directory()?;
        Ok(Self {
            audit_log: directory.join("audit.jsonl"),
            answers: directory.join("serve"),
            journals: directory.join(state::RUNS),
            // One place for all sessions, so that an operator finds them.
            generated: user_directory()?.join(state::SECRETS),
            state: directory,
            _scratch: None,
            _lock: Some(lock),
        })
    }
}

/// Prints the address, and how to call the server.
fn announce(
    global: &Global,
    url: &str,
    platform: &Platform,
    key: Option<&ApiKey>,
    simulated: bool,
    files: &ServerFiles,
) -> Result<(), Failure> {
    let mut tenants = platform.tenants();
    tenants.sort();
    let audit_log = files.audit_log.display();
    if !output::for_people(global.json) {
        let mut started = json!({
            "url": url, "docs": format!("{url}/docs"), "tenants": tenants,
            "auditLog": audit_log.to_string(), "simulated": simulated,
        });
        if let (Some(started), Some(key)) = (started.as_object_mut(), key) {
            started.insert("key".to_owned(), key.expose().into());
        }
        return output::bytes(format!("{started}\n").as_bytes());
    }
    let bold = Style::new().bold();
    let mut text = format!(
        "Serving {} on {bold}{url}{bold:#}\n\n  explorer   {url}/docs\n  audit log  {audit_log}\n",
        match tenants.as_slice() {
            [one] => format!("tenant {one}"),
            more => format!("{} tenants", more.len()),
        }
    );
    if simulated {
        text.push_str("\nDirectories are simulated: nothing reaches Microsoft.\n");
    }
    if let Some(key) = key {
        let key = key.expose();
        text.push_str(&format!(
            "\nThe key of {SIMULATED}, valid until the server stops:\n\n  {bold}{key}{bold:#}\n\n  \
             curl -H \"Authorization: Bearer {key}\" {url}/v1/actions\n"
        ));
    }
    text.push_str("\nPress Ctrl-C to stop after the current runs, and again to stop at once.\n");
    output::text(&text)
}
