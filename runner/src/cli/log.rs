//! `--log`: what the program does, on stderr, for whoever looks for a fault.

use std::env;
use std::io;

use anyhow::anyhow;
use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::failure::Failure;

/// The variable that says the same as `--log`.
const VARIABLE: &str = "O365_LOG";

/// How much is logged; each level has all that the ones before it have.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Level {
    /// Nothing.
    Off,
    /// What ends a run.
    Error,
    /// What a run survives.
    Warn,
    /// Each call and its answer.
    Info,
    /// Each answer of a sign-in host.
    Debug,
    /// All there is.
    Trace,
}

impl Level {
    /// The filter: our own targets alone. The libraries below log headers and bodies at
    /// their finest levels, and with them the token.
    fn filter(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "off,runner=error",
            Self::Warn => "off,runner=warn",
            Self::Info => "off,runner=info",
            Self::Debug => "off,runner=debug",
            Self::Trace => "off,runner=trace",
        }
    }
}

/// Starts the log that was asked for, or the one that is `usual`; as JSON lines with `--json`.
pub fn start(asked: Option<Level>, usual: Option<Level>, json: bool) -> Result<(), Failure> {
    let asked = asked.map_or_else(from_environment, |level| Ok(Some(level)))?;
    let Some(level) = asked.or(usual) else {
        return Ok(());
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level.filter()))
        .with_ansi(false)
        // It would tell of a stderr that cannot be written on that stderr, and panic.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    let started = if json { log.json().try_init() } else { log.try_init() };
    Ok(started.map_err(|error| anyhow!("the log cannot be started: {error}"))?)
}

fn from_environment() -> Result<Option<Level>, Failure> {
    let Some(name) = env::var_os(VARIABLE).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let level = name.to_str().and_then(|name| Level::from_str(name, true).ok());
    level.map(Some).ok_or_else(|| {
        Failure::usage(
            format!("{VARIABLE} is not the name of a level"),
            format!("Set {VARIABLE} to off, error, warn, info, debug or trace."),
        )
    })
}
