//! `o365 replay`: compares the component with recordings.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anstyle::{AnsiColor, Style};
use anyhow::{Context, anyhow};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::failure::Failure;
use super::job::block_on;
use super::output::{self, printable};
use super::{Global, files, source};
use crate::replay::{self, Difference, Replayed};
use crate::report::{Kind, Report as Error};
use crate::run::Host;

const EXTENSION: &str = "har";

#[derive(Debug, Args)]
pub struct Options {
    /// Recordings (HAR), and directories with .har files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How many recordings to replay at a time; by default the number of processors.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

/// The result for one file.
#[derive(Default, Serialize)]
struct Report {
    file: String,
    /// `None` if the file could not be replayed.
    action: Option<String>,
    same: bool,
    differences: Vec<Difference>,
    notes: Vec<String>,
    /// Why the file could not be replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let paths = files::below(&options.files, EXTENSION)?;
    let jobs = jobs(options.jobs, paths.len());
    let host = source::host(global, u32::try_from(jobs).unwrap_or(u32::MAX))?;
    let reports = replay_all(&host, &paths, jobs)?;
    let summary = Summary::of(&reports);
    if output::for_people(global.json) {
        let lines: String = reports.iter().map(Report::for_people).collect();
        output::text(&format!("{lines}{}\n", summary.text()))?;
    } else {
        output::result(&reports)?;
    }
    if let Some(warning) = host.guest().warning() {
        output::warn(global.json, warning);
    }
    summary.verdict()
}

/// Returns how many recordings to replay at a time.
fn jobs(asked: Option<u16>, files: usize) -> usize {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(processors, usize::from).min(files).max(1)
}

/// Replays all files. Returns the reports in the order of the files.
fn replay_all(host: &Host, paths: &[PathBuf], jobs: usize) -> Result<Vec<Report>, Failure> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let progress = progress(paths.len());
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                work(host, paths, next, |index, report| {
                    // The receiver is dropped after a failure.
                    let _ = sender.send((index, report));
                });
            });
        }
        drop(sender);
        let mut reports = Vec::with_capacity(paths.len());
        for (index, report) in receiver {
            progress.inc(1);
            reports.push((index, report?));
        }
        progress.finish_and_clear();
        reports.sort_by_key(|(index, _)| *index);
        Ok(reports.into_iter().map(|(_, report)| report).collect())
    })
}

/// Replays one file after another until none is left.
fn work(
    host: &Host,
    paths: &[PathBuf],
    next: &AtomicUsize,
    report: impl Fn(usize, anyhow::Result<Report>),
) {
    // One thread for each: the virtual clock of a run orders its events.
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(path) = paths.get(index) else { return };
        report(index, block_on(replay_one(host, path)));
    }
}

async fn replay_one(host: &Host, path: &Path) -> Report {
    let file = path.display().to_string();
    match replay::replay(host, path).await {
        Ok(Replayed { action, differences, notes }) => {
            let same = differences.is_empty();
            Report { file, action: Some(action), same, differences, notes, error: None }
        }
        Err(error) => Report { file, error: Some(error.to_string()), ..Report::default() },
    }
}

/// Returns a progress bar on stderr, hidden for a single file.
fn progress(files: usize) -> ProgressBar {
    let length = u64::try_from(files).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} recordings, {eta} left");
    match style {
        Ok(style) if files > 1 => ProgressBar::new(length).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

impl Report {
    /// Returns a line, and the differences below it.
    fn for_people(&self) -> String {
        let file = printable(&self.file);
        let mut text = match (&self.error, self.same) {
            (Some(error), _) => {
                format!("{}  {file}: {}\n", word("unusable ", AnsiColor::Red), printable(error))
            }
            (None, true) => format!("{}  {file}\n", word("same     ", AnsiColor::Green)),
            (None, false) => format!("{}  {file}\n", word("different", AnsiColor::Red)),
        };
        for note in &self.notes {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "           note: {}", printable(note));
        }
        for difference in &self.differences {
            let _ = writeln!(text, "           {}", printable(&difference.reason));
            text.extend(difference.diff.lines().map(in_colour));
        }
        text
    }
}

/// Returns a line of a diff with its colour.
fn in_colour(line: &str) -> String {
    let color = match line.chars().next() {
        Some('-') => Some(AnsiColor::Red),
        Some('+') => Some(AnsiColor::Green),
        Some('@') => Some(AnsiColor::Cyan),
        _ => None,
    };
    let style = Style::new().fg_color(color.map(Into::into));
    format!("  {style}{}{style:#}\n", printable(line))
}

fn word(word: &str, color: AnsiColor) -> String {
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{word}{style:#}")
}

/// The numbers of files by result.
struct Summary {
    files: usize,
    different: usize,
    unusable: usize,
    /// Why the first of them could not be replayed.
    error: Option<String>,
}

impl Summary {
    fn of(reports: &[Report]) -> Self {
        let unusable = reports.iter().filter(|report| report.error.is_some()).count();
        let different = reports.iter().filter(|report| !report.same).count() - unusable;
        let error = reports.iter().find_map(|report| report.error.clone());
        Self { files: reports.len(), different, unusable, error }
    }

    fn text(&self) -> String {
        let replayed = self.files - self.unusable;
        let same = replayed - self.different;
        let mut text = format!("{replayed} replayed, {same} same, {} different", self.different);
        if self.unusable > 0 {
            let _ = write!(text, "; {} could not be replayed", self.unusable);
        }
        text
    }

    fn verdict(self) -> Result<(), Failure> {
        let text = self.text();
        match self.error {
            Some(error) => Err(anyhow!(error)).context(text).map_err(Failure::from),
            None if self.different > 0 => {
                let fix = "Correct the component, or make new recordings if the differences are intended.";
                Err(Error::new(Kind::Recording, text, fix).into())
            }
            None => Ok(()),
        }
    }
}
