//! Prints the runs of a log, each as it is read: a log can have any length.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::{Filter, Run, RunLine, Unfinished};
use crate::cli::failure::Failure;
use crate::cli::output::{self, printable};

/// How many rows a table has.
const ROWS: usize = 500;

const HEADER: [&str; 4] = ["time (UTC), run", "tenant", "action, outcome", "writes, wall"];

/// Prints runs, and counts them.
pub struct Shown {
    form: Form,
    filter: Filter,
    done: u64,
    failed: u64,
    unfinished: u64,
}

enum Form {
    Json(output::List),
    /// The rows of the next table, and the details below it.
    Table {
        rows: Vec<Vec<String>>,
        details: String,
    },
}

/// An element of the list.
#[derive(Serialize)]
struct Element<'a> {
    #[serde(flatten)]
    run: &'a Run,
    finished: bool,
}

impl Shown {
    /// Creates a printer for the runs that pass the filter.
    pub fn new(for_people: bool, filter: Filter) -> Self {
        let form = if for_people {
            Form::Table { rows: Vec::new(), details: String::new() }
        } else {
            Form::Json(output::List::new())
        };
        Self { form, filter, done: 0, failed: 0, unfinished: 0 }
    }

    /// Prints a run that passes the filter. Returns false when the reader of stdout has gone.
    pub fn push(&mut self, run: Run) -> Result<bool, Failure> {
        if !self.filter.takes(&run) {
            return Ok(true);
        }
        let count = match &run {
            Run::Finished(run) if run.is_done() => &mut self.done,
            Run::Finished(_) => &mut self.failed,
            Run::Unfinished(_) => &mut self.unfinished,
        };
        *count = count.saturating_add(1);
        match &mut self.form {
            Form::Json(list) => list.push(&Element { run: &run, finished: run.is_finished() }),
            Form::Table { rows, details } => {
                rows.push(row(&run));
                details.push_str(&match &run {
                    Run::Unfinished(run) => in_words(run),
                    Run::Finished(run) => warnings(run),
                });
                if rows.len() >= ROWS {
                    write(rows, details)?;
                }
                Ok(true)
            }
        }
    }

    /// Prints the rest, and on a terminal the sum.
    pub fn end(self) -> Result<(), Failure> {
        match self.form {
            Form::Json(list) => list.end(),
            Form::Table { mut rows, mut details } => {
                write(&mut rows, &mut details)?;
                let Self { done, failed, unfinished, .. } = self;
                let mut sum = format!("{done} done, {failed} failed");
                if unfinished > 0 {
                    // Writing to a string cannot fail.
                    let _ = write!(
                        sum,
                        ", {unfinished} not finished: the process was killed, or is still running"
                    );
                }
                output::note(&sum);
                Ok(())
            }
        }
    }
}

/// Writes the rows as a table, and the details below it.
fn write(rows: &mut Vec<Vec<String>>, details: &mut String) -> Result<(), Failure> {
    if !rows.is_empty() {
        output::table(&HEADER, rows.drain(..))?;
    }
    if !details.is_empty() {
        output::text(&format!("\n{details}"))?;
        details.clear();
    }
    Ok(())
}

/// Returns a row of two lines, since one would not fit into 80 columns.
fn row(run: &Run) -> Vec<String> {
    let (outcome, writes, wall) = match run {
        Run::Finished(run) => {
            let writes = run.writes.len().saturating_add(run.writes_omitted);
            let outcome = match (run.plan, run.resumed) {
                (true, _) => format!("{} (plan)", run.outcome),
                (_, true) => format!("{} (resumed)", run.outcome),
                _ => run.outcome.clone(),
            };
            (outcome, writes, format!("{} ms", run.receipt.wall_ms))
        }
        Run::Unfinished(run) => ("not finished".to_owned(), run.writes.len(), String::new()),
    };
    vec![
        format!("{}\n{}", moment(run.began_at()), run.id()),
        printable(run.tenant()),
        format!("{}\n{}", printable(run.action()), printable(&outcome)),
        format!("{writes}\n{wall}"),
    ]
}

/// Returns the writes of an unfinished run, which have to be looked for in the tenant.
fn in_words(run: &Unfinished) -> String {
    let Unfinished { run, action, tenant, writes, .. } = run;
    let mut text = format!("{run} ({} for {}):\n", printable(action), printable(tenant));
    for write in writes {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}", printable(&write.in_words()));
    }
    text
}

/// Returns the warnings of a run.
fn warnings(RunLine { run, action, tenant, warnings, .. }: &RunLine) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let lines = warnings.iter().map(|text| format!("  warning: {}\n", printable(text)));
    let lines: String = lines.collect();
    format!("{run} ({} for {}):\n{lines}", printable(action), printable(tenant))
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
