//! `o365 plan`: shows what an action would change, without changing it.

use std::fmt::Write as _;

use clap::Args;
use serde_json::Value;

use super::failure::Failure;
use super::job::JobOptions;
use super::output::{self, printable};
use super::{Global, source};
use crate::egress::plan::PlanReport;
use crate::egress::plan::report::GraphError;

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let host = source::host(global, 1)?;
    let mut prepared = options.job.prepare(global, &host)?;
    if let Some(notice) = &prepared.chosen.notice {
        output::warn(global.json, notice);
    }
    prepared.chosen.for_plan();
    let executed = prepared.execute(global, &host, true, false)?;
    let warnings = prepared.chosen.close(&executed);
    if let Some(plan) = &executed.plan_report() {
        if output::for_people(global.json) {
            output::text(&in_words(plan))?;
        } else {
            output::result(plan)?;
        }
    }
    let own = host.guest().warning().map(ToOwned::to_owned);
    for warning in executed.warnings.iter().cloned().chain(own).chain(warnings?) {
        output::warn(global.json, &warning);
    }
    Ok(executed.into_explained().0.map(drop)?)
}

fn in_words(report: &PlanReport) -> String {
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
        let GraphError { status, code, message } = &refused.graph;
        let _ = writeln!(text, "   {status} {code} {}", printable(message));
    }
    if let Some(result) = &report.result {
        let _ = writeln!(text, "\nIt would return:");
        text.push_str(&indented(result));
    }
    if !report.not_checked.is_empty() {
        let _ = writeln!(text, "\nNot checked, since no read shows it:");
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
