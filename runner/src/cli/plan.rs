//! `o365 plan`: what an action would change, without changing it.

use std::fmt::Write as _;

use clap::Args;
use serde_json::Value;

use super::failure::Failure;
use super::job::{Finished, JobOptions, Prepared};
use super::output::{self, printable};
use super::way::Opened;
use super::{Global, source};
use crate::egress::plan::report::Answer;
use crate::egress::plan::{Plan, ReadOnly, Report};
use crate::recording::redaction::Redaction;

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
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
    let Finished { outcome: ended, warnings: said } = job.finish(&host, plan.way_out());
    let ended = ended.map_err(|failure| without_writes(failure.explained(faults.last())));
    let warnings = close();
    let (result, error) = match &ended {
        Ok(result) => (Some(result.clone()), None),
        Err(Failure::Action(error)) => (None, Some(error.clone())),
        Err(_) => (None, None),
    };
    let report = Report::new(&options.job.action, &plan, &redaction, result, error);
    if output::for_people(global.json) {
        output::text(&in_words(&report))?;
    } else {
        output::result(&report)?;
    }
    let own = host.guest().warning().map(ToOwned::to_owned);
    for warning in said.into_iter().chain(own).chain(warnings?) {
        output::warn(global.json, &warning);
    }
    ended.map(drop)
}

/// A failure of a plan: the writes that the run made were not made.
fn without_writes(failure: Failure) -> Failure {
    match failure {
        Failure::Stopped { stop, .. } => Failure::Stopped { stop, writes: Vec::new() },
        Failure::Interrupted { .. } => Failure::Interrupted { writes: Vec::new() },
        other => other,
    }
}

fn in_words(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match report.writes.len() {
        0 => writeln!(text, "{} would change nothing.", report.action),
        1 => writeln!(text, "{} would make 1 change:", report.action),
        count => writeln!(text, "{} would make {count} changes:", report.action),
    };
    for (number, write) in (1..).zip(&report.writes) {
        let _ = writeln!(text, "\n{number}. {}", printable(&write.changes));
        let _ = writeln!(text, "   {} {}", write.method, printable(&write.url));
        if !write.body.is_null() {
            text.push_str(&indented(&write.body));
        }
    }
    for refused in &report.refused {
        let (method, url) = (&refused.method, printable(&refused.url));
        let _ = writeln!(text, "\nGraph would refuse {method} {url}");
        let _ = writeln!(text, "   {}", printable(&refused.reason));
        let Answer { status, code, message } = &refused.graph;
        let _ = writeln!(text, "   {status} {code} {}", printable(message));
    }
    if let Some(result) = &report.result {
        let _ = writeln!(text, "\nIt would return:");
        text.push_str(&indented(result));
    }
    if !report.not_checked.is_empty() {
        let _ = writeln!(text, "\nNot checked, since no read tells:");
    }
    for sentence in &report.not_checked {
        let _ = writeln!(text, "- {}", printable(sentence));
    }
    let _ = writeln!(text, "\n{}", report.note);
    text
}

fn indented(value: &Value) -> String {
    let lines = serde_json::to_string_pretty(value).unwrap_or_default();
    lines.lines().map(|line| format!("   {}\n", printable(line))).collect()
}
