//! `o365 audit`: lists the runs in an audit log.
//!
//! - `shown`: prints the runs

mod shown;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use jiff::Timestamp;
use uuid::Uuid;

use super::failure::Failure;
use super::times::time;
use super::{Global, output, source};
use crate::audit::{Filter, Line, Lines, Runs};
use shown::Shown;

/// How many unreadable lines are named.
const NAMED: usize = 10;

#[derive(Debug, Args)]
pub struct Options {
    /// The audit log; by default that of the configured server. For a rotated log, name all files,
    /// the oldest first: a run can begin in one and end in the next.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only the runs of this tenant.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Only the runs of this action.
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Only this run.
    #[arg(long, value_name = "ID", value_parser = run_id)]
    run: Option<Uuid>,
    /// Only runs that began at or after this time, such as 2026-01-15 or
    /// 2026-01-15T09:30:00+01:00; by default in UTC.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only runs that began before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only runs without an end, whose writes may or may not have been made: the process was
    /// killed, or is still running them.
    #[arg(long)]
    unfinished: bool,
    /// Only failed runs; with --unfinished, both.
    #[arg(long)]
    failed: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let filter = options.filter()?;
    let files = options.files(global)?;
    let mut shown = Shown::new(output::for_people(global.json), filter);
    let mut runs = Runs::default();
    let mut unreadable = Unreadable::default();
    let mut readable = 0_u64;
    for file in &files {
        let name = file.display().to_string();
        let context = || format!("the audit log {name} cannot be read");
        for numbered in Lines::open(file).with_context(context)? {
            let numbered = numbered.with_context(context)?;
            match numbered.line {
                Ok(line) => {
                    readable = readable.saturating_add(1);
                    // The reader of stdout has gone.
                    if !take(&mut runs, line, &mut shown)? {
                        return Ok(());
                    }
                }
                Err(reason) => unreadable.add(|| format!("{name}:{}: {reason}", numbered.number)),
            }
        }
    }
    if readable == 0 {
        return Err(unreadable.no_log(&files).into());
    }
    for run in runs.unfinished() {
        if !shown.push(run)? {
            return Ok(());
        }
    }
    shown.end()?;
    unreadable.warn(global.json);
    Ok(())
}

fn take(runs: &mut Runs, line: Line, shown: &mut Shown) -> Result<bool, Failure> {
    runs.take(line).map_or(Ok(true), |run| shown.push(run))
}

impl Options {
    /// Returns the named files, or the audit log of the configured server.
    fn files(&self, global: &Global) -> Result<Vec<PathBuf>, Failure> {
        if !self.files.is_empty() {
            return Ok(self.files.clone());
        }
        match source::configuration(global)? {
            Some(file) => Ok(vec![file.serve().audit_log_path().map_err(anyhow::Error::from)?]),
            None => Err(Failure::usage(
                "no audit log is named, and there is no configuration",
                "Name one: o365 audit FILE.",
            )),
        }
    }

    fn filter(&self) -> Result<Filter, Failure> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            return Err(Failure::usage(
                format!("no time is both since {since} and until {until}"),
                "Give an earlier --since or a later --until.",
            ));
        }
        Ok(Filter {
            tenant: self.tenant.clone(),
            action: self.action.clone(),
            run: self.run,
            since: self.since,
            until: self.until,
            failed: self.failed,
            unfinished: self.unfinished,
        })
    }
}

/// The lines that could not be read: the first of them, and their number.
#[derive(Default)]
struct Unreadable {
    first: Vec<String>,
    count: usize,
}

impl Unreadable {
    fn add(&mut self, in_words: impl FnOnce() -> String) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < NAMED {
            self.first.push(in_words());
        }
    }

    fn warn(self, json: bool) {
        let rest = self.count.saturating_sub(self.first.len());
        for line in self.first {
            output::warn(json, &format!("skipped a line: {line}"));
        }
        if rest > 0 {
            output::warn(json, &format!("skipped {rest} more lines"));
        }
    }

    /// Returns the error for files without a readable line.
    fn no_log(self, files: &[PathBuf]) -> anyhow::Error {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let names = names.join(", ");
        match self.first.into_iter().next() {
            Some(first) => anyhow!("there is no audit log in {names} ({first})"),
            None => anyhow!("there is no audit log in {names}: it is empty"),
        }
    }
}

/// Parses the id of a run.
fn run_id(text: &str) -> Result<Uuid, String> {
    let message = "expected an id such as 0199c2f4-7d7c-7c1e-9f7b-0d6f0c3a5b10";
    Uuid::try_parse(text).map_err(|_| message.to_owned())
}
