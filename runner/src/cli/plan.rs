//! `o365 plan`: what an action would change, without changing it.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::failure::Failure;
use super::job::{JobOptions, Prepared};
use super::output::{self, printable};
use super::way::Opened;
use super::{Global, source};
use crate::egress::plan::{Plan, Planned, ReadOnly};
use crate::recording::redaction::{Redaction, Writer};
use crate::recording::secrets;

/// What is said with every plan.
const UNCHANGED: &str = "Nothing was changed: the reads went to the tenant, the writes did not. \
    Ids of what does not exist yet are made up.";

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
}

/// A plan as it is printed.
#[derive(Serialize)]
struct Report {
    action: String,
    writes: Vec<Write>,
    /// What the action would return.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    /// What the action would fail with.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    note: &'static str,
}

#[derive(Serialize)]
struct Write {
    method: String,
    url: String,
    body: Value,
    changes: String,
}

/// Runs an action with its writes kept back, and prints them.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let host = source::host(global, 1)?;
    let Prepared { mut way, job } = options.job.prepare(global, &host)?;
    let root = match way.lent() {
        Some((_, connection)) => connection.graph_root().map_err(anyhow::Error::from)?,
        None => http::Uri::default(),
    };
    if let Some(notice) = way.notice() {
        output::warn(global.json, &notice);
    }
    way.only_reads();
    let Opened { way_out, close, faults, .. } = way.open(&job.secrets, &job.clock)?;
    let plan = Plan::new(ReadOnly::new(way_out), &root);
    let redaction = Redaction::new(&job.secrets);
    let ended = job.finish(&host, plan.way_out());
    let ended = ended.map_err(|failure| without_writes(failure.explained(faults.last())));
    let warnings = close();
    let (result, error) = match &ended {
        Ok(result) => (Some(result.clone()), None),
        Err(Failure::Action(error)) => (None, Some(error.clone())),
        Err(_) => (None, None),
    };
    let writes = plan.writes().into_iter().map(|write| masked(write, &redaction)).collect();
    let report =
        Report { action: options.job.action.clone(), writes, result, error, note: UNCHANGED };
    if output::for_people(global.json) {
        output::text(&report.for_people())?;
    } else {
        output::result(&report)?;
    }
    for warning in host.guest().warning().map(ToOwned::to_owned).into_iter().chain(warnings?) {
        output::warn(global.json, &warning);
    }
    ended.map(drop)
}

/// A write as it may be shown: a reference stands for every secret.
fn masked(write: Planned, redaction: &Redaction) -> Write {
    let mut url = Value::from(write.url.to_string());
    let mut changes = Value::from(write.changes);
    let mut body = write.body;
    for value in [&mut url, &mut changes, &mut body] {
        redaction.clean_value(value, Writer::Guest);
    }
    secrets::promote(&mut body);
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Write { method: write.method.to_string(), url: text(url), body, changes: text(changes) }
}

/// A failure of a plan: the writes that the run made were not made.
fn without_writes(failure: Failure) -> Failure {
    match failure {
        Failure::Stopped { stop, .. } => Failure::Stopped { stop, writes: Vec::new() },
        Failure::Interrupted { .. } => Failure::Interrupted { writes: Vec::new() },
        other => other,
    }
}

impl Report {
    fn for_people(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = match self.writes.len() {
            0 => writeln!(text, "{} would change nothing.", self.action),
            1 => writeln!(text, "{} would make 1 change:", self.action),
            count => writeln!(text, "{} would make {count} changes:", self.action),
        };
        for (number, write) in (1..).zip(&self.writes) {
            let _ = writeln!(text, "\n{number}. {}", printable(&write.changes));
            let _ = writeln!(text, "   {} {}", write.method, printable(&write.url));
            if !write.body.is_null() {
                text.push_str(&indented(&write.body));
            }
        }
        if let Some(result) = &self.result {
            let _ = writeln!(text, "\nIt would return:");
            text.push_str(&indented(result));
        }
        let _ = writeln!(text, "\n{}", self.note);
        text
    }
}

fn indented(value: &Value) -> String {
    let lines = serde_json::to_string_pretty(value).unwrap_or_default();
    lines.lines().map(|line| format!("   {}\n", printable(line))).collect()
}
