//! `o365 replay`: compares the component with recordings.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anstyle::{AnsiColor, Style};
use anyhow::anyhow;
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
    let (summary, verdict) = summary(&reports);
    if output::for_people(global.json) {
        let lines: String = reports.iter().map(Report::for_people).collect();
        output::text(&format!("{lines}{summary}\n"))?;
    } else {
        output::result(&reports)?;
    }
    if let Some(warning) = host.guest().warning() {
        output::warn(global.json, warning);
    }
    verdict
}

/// Returns how many recordings to replay at a time.
fn jobs(asked: Option<u16>, files: usize) -> usize {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(processors, usize::from).min(files).max(1)
}

/// Replays all files. Returns the reports in the order of the files.
fn replay_all(host: &Host, paths: &[PathBuf], jobs: usize) -> anyhow::Result<Vec<Report>> {
    let (next, progress) = (AtomicUsize::new(0), progress(paths.len()));
    let reports = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            // One thread for each replay: the virtual clock of a run orders its events.
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(index) else { return };
                    let report = block_on(replay_one(host, path));
                    reports.lock().unwrap_or_else(PoisonError::into_inner).insert(index, report);
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
    reports.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
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

/// Returns the summary, and an error if a file differs or could not be replayed.
fn summary(reports: &[Report]) -> (String, Result<(), Failure>) {
    let same = reports.iter().filter(|report| report.same).count();
    let unusable = reports.iter().filter(|report| report.error.is_some()).count();
    let replayed = reports.len().saturating_sub(unusable);
    let different = replayed.saturating_sub(same);
    let mut text = format!("{replayed} replayed, {same} same, {different} different");
    if unusable > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "; {unusable} could not be replayed");
    }
    let verdict = match reports.iter().find_map(|report| report.error.clone()) {
        Some(error) => Err(anyhow!(error).context(text.clone()).into()),
        None if different > 0 => {
            let fix =
                "Correct the component, or make new recordings if the differences are intended.";
            Err(Error::new(Kind::Recording, text.clone(), fix).into())
        }
        None => Ok(()),
    };
    (text, verdict)
}
