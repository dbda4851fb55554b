//! The runs of a log as they are written out, each as it comes: a log has no end.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::{Filter, Run, RunLine, Unfinished};
use crate::cli::failure::Failure;
use crate::cli::output::{self, printable};

/// How many rows a table has before the next one begins.
const ROWS: usize = 500;

const HEADER: [&str; 4] = ["time (UTC), run", "tenant", "action, outcome", "writes, wall"];

/// What has been shown.
pub struct Shown {
    form: Form,
    filter: Filter,
    done: u64,
    failed: u64,
    unfinished: u64,
}

enum Form {
    Json(output::List),
    /// The rows of the table that are not written yet, and the details for below it.
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
    /// Nothing yet; of what will be pushed, that which the filter takes is shown.
    pub fn new(for_people: bool, filter: Filter) -> Self {
        let form = if for_people {
            Form::Table { rows: Vec::new(), details: String::new() }
        } else {
            Form::Json(output::List::new())
        };
        Self { form, filter, done: 0, failed: 0, unfinished: 0 }
    }

    /// Shows a run if it is asked for; false when nobody looks any more.
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
                    Run::Finished(run) => warned(run),
                });
                if rows.len() >= ROWS {
                    write(rows, details)?;
                }
                Ok(true)
            }
        }
    }

    /// Shows the rest, and to a person the sum.
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
                        ", {unfinished} not finished: the process was killed, or is still at it"
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

/// A row of two lines, as one of them would not fit into 80 columns.
fn row(run: &Run) -> Vec<String> {
    let (outcome, writes, wall) = match run {
        Run::Finished(run) => {
            let writes = run.writes.len().saturating_add(run.writes_omitted);
            let outcome =
                if run.plan { format!("{} (plan)", run.outcome) } else { run.outcome.clone() };
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

/// The writes of a run that did not end: what somebody has to look for in the tenant.
fn in_words(run: &Unfinished) -> String {
    let Unfinished { run, action, tenant, writes, .. } = run;
    let mut text = format!("{run} ({} for {}):\n", printable(action), printable(tenant));
    for write in writes {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}", printable(&write.in_words()));
    }
    text
}

/// What was said beside the result of a run.
fn warned(run: &RunLine) -> String {
    let lines = run.warnings.iter().map(|text| format!("  warning: {}\n", printable(text)));
    match run.warnings.is_empty() {
        true => String::new(),
        false => format!(
            "{} ({} for {}):\n{}",
            run.run,
            printable(&run.action),
            printable(&run.tenant),
            lines.collect::<String>()
        ),
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
