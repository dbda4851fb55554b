//! What is logged of runs and requests, what an OpenTelemetry collector gets, and the audit log.
//!
//! - `command_line`: the log of `o365 run`
//! - `server`: the log of `o365 serve`
//! - `canary`: no secret and no user's name in any of it
//! - `spans`: the collector's side, with the feature `otel`
//! - `collector`: a collector on 127.0.0.1, and places where none is
//! - `environment`: the standard variables, with the feature `otel`
//! - `graph`: a Graph and a sign-in host on 127.0.0.1, with a note of every request
//! - `progress`: the line that a terminal shows
//! - `process`: the server as a process, and its log
//! - `audit`: the audit log, through the library that writes it and the command that reads it

#![allow(clippy::restriction, reason = "a panic in a test is a failed test")]

mod audit;
mod canary;
#[cfg(feature = "otel")]
mod collector;
mod command_line;
#[cfg(feature = "otel")]
mod environment;
mod graph;
mod process;
mod progress;
mod server;
#[cfg(feature = "otel")]
mod spans;

use serde_json::Value;

/// A licence that has free seats in the built-in directory.
const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// The lines of a log, each of which must be JSON.
#[track_caller]
fn lines(log: &str) -> Vec<Value> {
    let read =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    log.lines().map(read).collect()
}

/// The lines with this message.
fn saying<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}
