//! Writes results to stdout, as JSON or as tables and text for a terminal, and notes to stderr.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use anyhow::Context;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::failure::Failure;

/// The narrowest table, in characters.
const NARROWEST: u16 = 80;

/// Returns whether the result is for a person: on a terminal, without `--json`.
pub fn for_people(json: bool) -> bool {
    !json && io::stdout().is_terminal()
}

/// Writes a result as JSON.
pub fn result(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).context("the result is no JSON")?;
    text.push('\n');
    bytes(text.as_bytes())
}

/// Writes a list of any length as JSON, with a line for each element.
pub struct List {
    stdout: BufWriter<StdoutLock<'static>>,
    begun: bool,
}

impl List {
    /// Creates a list without elements. Nothing is written before the first of them.
    pub fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout().lock()), begun: false }
    }

    /// Writes an element. Returns false when the reader of stdout has gone.
    pub fn push(&mut self, element: &impl Serialize) -> Result<bool, Failure> {
        let before: &[u8] = if self.begun { b",\n" } else { b"[\n" };
        self.begun = true;
        let element = serde_json::to_vec(element).context("the result is no JSON")?;
        let result = self.stdout.write_all(before).and_then(|()| self.stdout.write_all(&element));
        let read = !matches!(&result, Err(error) if error.kind() == ErrorKind::BrokenPipe);
        written(result).map(|()| read)
    }

    /// Writes the end of the list.
    pub fn end(mut self) -> Result<(), Failure> {
        let end: &[u8] = if self.begun { b"\n]\n" } else { b"[]\n" };
        written(self.stdout.write_all(end).and_then(|()| self.stdout.flush()))
    }
}

/// Writes text for a person.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Writes bytes as they are.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

/// Writes a line to stderr. A failure is ignored.
pub fn note(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{line}");
}

/// Writes a question to stderr, without a line break. A failure is ignored.
pub fn ask(question: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = write!(stderr, "{}", printable(question)).and_then(|()| stderr.flush());
}

/// Writes a warning to stderr, with `--json` as an object.
pub fn warn(json: bool, message: &str) {
    if json {
        note(&json!({ "warning": message }).to_string());
    } else {
        note(&format!("warning: {}", printable(message)));
    }
}

/// The longest text that a terminal shows, in characters.
const LONGEST: usize = 2_000;

/// Returns a text from a server without what would control or mislead a terminal, and cut to
/// [`LONGEST`].
pub fn printable(text: &str) -> String {
    let mut shown: String = crate::report::printable(text).chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str(" ... (cut; --json has it all)");
    }
    shown
}

/// Writes rows as JSON, or as a table with these cells.
pub fn rows<R: Serialize>(
    json: bool,
    rows: &[R],
    header: &[&str],
    cells: impl Fn(&R) -> Vec<String>,
) -> Result<(), Failure> {
    if for_people(json) { table(header, rows.iter().map(cells)) } else { result(&rows) }
}

/// Writes a table that fits the terminal.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // A terminal of unknown width reports 0.
    if table.width().is_none_or(|width| width < NARROWEST) {
        table.set_width(NARROWEST);
    }
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    let mut ids = BTreeSet::new();
    for row in rows {
        ids.extend(row.iter().enumerate().filter(|(_, cell)| has_id(cell)).map(|(at, _)| at));
        table.add_row(row);
    }
    // An id that is broken over two lines cannot be copied.
    for id in ids {
        if let Some(column) = table.column_mut(id) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    text(&format!("{table}\n"))
}

/// Returns whether a line of a cell is a GUID.
fn has_id(cell: &str) -> bool {
    cell.lines().any(|line| Uuid::try_parse(line).is_ok())
}

/// Ignores that the reader of stdout has gone, as `head` does.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("the result cannot be written to stdout")?),
    }
}
