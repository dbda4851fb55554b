//! `--log`: the log on stderr, and the spans for an OpenTelemetry collector with the feature
//! `otel`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io};

use anyhow::anyhow;
use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use super::failure::Failure;
#[cfg(feature = "otel")]
use super::output;
#[cfg(feature = "otel")]
use crate::telemetry::export::{Export, ExportError};
use crate::telemetry::log_queue;
use crate::telemetry::spans::TRACE;

/// The variable in place of `--log`.
const VARIABLE: &str = "O365_LOG";

/// The level of the log. Each level includes those before it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Level {
    /// Nothing.
    Off,
    /// Errors that end a run.
    Error,
    /// Errors that a run survives.
    Warn,
    /// Requests, runs, and calls of Graph with their responses.
    Info,
    /// Responses of sign-in hosts, and requests without a valid key.
    Debug,
    /// All events.
    Trace,
}

/// How long the process waits for a collector at its end.
#[cfg(feature = "otel")]
const LAST_SPANS: std::time::Duration = std::time::Duration::from_secs(3);

/// Whether the log is on.
static ON: AtomicBool = AtomicBool::new(false);

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

impl Level {
    /// Returns the filter, which passes only targets below `runner`: libraries log headers and
    /// bodies, and with them the token.
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

/// The log and the spans of this process.
pub struct Log {
    /// Writes the queued lines when it is dropped.
    _queue: Option<WorkerGuard>,
    #[cfg(feature = "otel")]
    export: Option<Export>,
    /// Whether the log contains the failures of the collector.
    #[cfg(feature = "otel")]
    warns: bool,
}

/// What to log and to collect.
pub struct LogOptions {
    pub level: Option<Level>,
    pub default: Option<Level>,
    /// Whether the lines are JSON.
    pub json: bool,
    /// Whether the command has spans.
    pub spans: bool,
    /// Whether the lines are queued. Otherwise each is on stderr before the command goes on.
    pub queued: bool,
}

/// Starts the log and the spans.
pub fn start(options: &LogOptions) -> Result<Log, Failure> {
    let level = options.level.map_or_else(from_environment, |level| Ok(Some(level)))?;
    let level = level.or(options.default).filter(|level| !matches!(level, Level::Off));
    let mut layers = Layers::new();
    let mut queue = None;
    if let Some(level) = level {
        let lines = if options.queued {
            let (writer, guard) = log_queue::start(io::stderr());
            queue = Some(guard);
            lines(options.json, writer)
        } else {
            lines(options.json, io::stderr)
        };
        layers.push(lines.with_filter(level.filter()).boxed());
    }
    let log = Log::collecting(options.spans, level, queue, &mut layers)?;
    if layers.is_empty() {
        return Ok(log);
    }
    ON.store(level.is_some(), Ordering::Relaxed);
    let started = tracing_subscriber::registry().with(layers).try_init();
    started.map_err(|error| anyhow!("the log cannot be started: {error}"))?;
    Ok(log)
}

/// Returns whether the log is on.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Returns the layer that writes a line for each event, with its run.
fn lines<W>(json: bool, writer: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer()
        .with_ansi(false)
        // It would report a failure of stderr on stderr, and panic.
        .log_internal_errors(false)
        .with_writer(writer);
    if !json {
        return lines.boxed();
    }
    // The fields of an event stand beside its level and message; its run is one object.
    lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
}

#[cfg(feature = "otel")]
impl Log {
    fn collecting(
        spans: bool,
        level: Option<Level>,
        queue: Option<WorkerGuard>,
        layers: &mut Layers,
    ) -> Result<Self, Failure> {
        let export = match spans {
            true => Export::from_environment().map_err(misconfigured)?,
            false => None,
        };
        layers.extend(export.iter().map(|export| export.layer().boxed()));
        let warns = level.is_some_and(|level| !matches!(level, Level::Off | Level::Error));
        Ok(Self { _queue: queue, export, warns })
    }

    /// Sends the remaining spans to the collector. Warns of a failure, unless it is in the log, or
    /// stderr contains an error as JSON.
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
    fn collecting(
        _: bool,
        _: Option<Level>,
        queue: Option<WorkerGuard>,
        _: &mut Layers,
    ) -> Result<Self, Failure> {
        Ok(Self { _queue: queue })
    }

    /// Writes the queued lines.
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
