//! `--log`: what the program does, on stderr, for whoever looks for a fault; and the spans
//! for an OpenTelemetry collector, where they are built in and one is named.

use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io};

use anyhow::anyhow;
use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use super::failure::Failure;
#[cfg(feature = "otel")]
use super::output;
#[cfg(feature = "otel")]
use crate::telemetry::export::{Export, ExportError};
use crate::telemetry::spans::TRACE;

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
    /// Each request and run, each call of Graph and its answer.
    Info,
    /// Each answer of a sign-in host; requests without a good key.
    Debug,
    /// All there is.
    Trace,
}

/// How long the end of the process waits for a collector.
#[cfg(feature = "otel")]
const LAST_SPANS: std::time::Duration = std::time::Duration::from_secs(3);

/// Whether anything is logged.
static ON: AtomicBool = AtomicBool::new(false);

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

impl Level {
    /// The filter: our own targets alone. The libraries below log headers and bodies at
    /// their finest levels, and with them the token.
    fn filter(self) -> Targets {
        let level = match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        };
        Targets::new().with_target("runner", level).with_target(TRACE, LevelFilter::OFF)
    }
}

/// What is logged and collected of this process, until its end.
pub struct Log {
    #[cfg(feature = "otel")]
    export: Option<Export>,
    /// Whether the log has said of the collector what there was to say.
    #[cfg(feature = "otel")]
    warns: bool,
}

/// Which log and which spans there are to be.
pub struct Wanted {
    /// The log that was asked for.
    pub asked: Option<Level>,
    /// The log if nothing was asked for.
    pub usual: Option<Level>,
    /// Whether its lines are JSON.
    pub json: bool,
    /// Whether there is anything to collect spans of.
    pub spans: bool,
}

/// Starts what is wanted.
pub fn start(wanted: &Wanted) -> Result<Log, Failure> {
    let asked = wanted.asked.map_or_else(from_environment, |level| Ok(Some(level)))?;
    let level = asked.or(wanted.usual).filter(|level| !matches!(level, Level::Off));
    let mut layers = Layers::new();
    if let Some(level) = level {
        layers.push(lines(wanted.json).with_filter(level.filter()).boxed());
    }
    let log = Log::collecting(wanted.spans, level, &mut layers)?;
    if layers.is_empty() {
        return Ok(log);
    }
    ON.store(level.is_some(), Ordering::Relaxed);
    let started = tracing_subscriber::registry().with(layers).try_init();
    started.map_err(|error| anyhow!("the log cannot be started: {error}"))?;
    Ok(log)
}

/// Whether anything is logged.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// A line for each event, with the run that it is of.
fn lines(json: bool) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer()
        .with_ansi(false)
        // It would tell of a stderr that cannot be written on that stderr, and panic.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    if !json {
        return lines.boxed();
    }
    // What an event says stands beside its level and message; its run is one object, once.
    lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
}

#[cfg(feature = "otel")]
impl Log {
    fn collecting(spans: bool, level: Option<Level>, layers: &mut Layers) -> Result<Self, Failure> {
        let export = match spans {
            true => Export::from_environment().map_err(misconfigured)?,
            false => None,
        };
        layers.extend(export.iter().map(|export| export.layer().boxed()));
        let warns = level.is_some_and(|level| !matches!(level, Level::Off | Level::Error));
        Ok(Self { export, warns })
    }

    /// Sends what is left to the collector. Where it cannot be sent that is told, unless the
    /// log has said it; beside an error as JSON nothing is told.
    pub fn end(self, json: bool, failed: bool) {
        let Some(reason) = self.export.and_then(|export| export.end(LAST_SPANS)) else { return };
        let alone = json && failed;
        if !self.warns && !alone {
            output::warn(json, &format!("the OpenTelemetry collector takes no spans: {reason}"));
        }
    }
}

#[cfg(not(feature = "otel"))]
impl Log {
    fn collecting(_: bool, _: Option<Level>, _: &mut Layers) -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Nothing is left to be sent.
    pub fn end(self, _: bool, _: bool) {}
}

#[cfg(feature = "otel")]
fn misconfigured(error: ExportError) -> Failure {
    match error {
        ExportError::Environment(error) => Failure::usage(error.to_string(), error.fix()),
        other => anyhow::Error::from(other).into(),
    }
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
