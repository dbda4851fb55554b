//! What goes to stdout: results, as JSON for programs and as tables for people.

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

/// Whether stdout is to be read by a person.
pub fn for_people(json: bool) -> bool {
    !json && io::stdout().is_terminal()
}

/// Writes a result as JSON.
pub fn result(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).context("the result is no JSON")?;
    text.push('\n');
    bytes(text.as_bytes())
}

/// A result that is a list too long to be held: each element is a line, written as it comes.
pub struct List {
    stdout: BufWriter<StdoutLock<'static>>,
    begun: bool,
}

impl List {
    /// A list without elements. Nothing is written yet, so that what fails before the first
    /// one leaves stdout empty.
    pub fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout().lock()), begun: false }
    }

    /// Writes an element; false when nobody reads the list any more.
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

/// Writes a line to stderr. That nobody can read it is no reason to fail.
pub fn note(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{line}");
}

/// Writes a warning beside a result to stderr, with `--json` as a JSON object.
pub fn warn(json: bool, message: &str) {
    if json {
        note(&json!({ "warning": message }).to_string());
    } else {
        note(&format!("warning: {}", printable(message)));
    }
}

/// The longest text of one message that is shown to a person, in characters.
const LONGEST: usize = 2_000;

/// A text without what a terminal would obey or take for a line of its own, and not
/// endless: a server wrote it.
pub fn printable(text: &str) -> String {
    let mut shown: String =
        text.chars().map(|c| if misleads(c) { '\u{fffd}' } else { c }).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str(" ... (cut; --json has it all)");
    }
    shown
}

/// Whether a terminal obeys a character, or shows with it another text than there is: what
/// breaks lines, changes the direction of writing (Unicode Annex 9) or is not seen at all.
/// The joiners U+200C and U+200D belong to words of some languages.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A table that fits the terminal.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // A terminal that does not know its width says 0.
    if table.width().is_none_or(|width| width < NARROWEST) {
        table.set_width(NARROWEST);
    }
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    let mut ids = BTreeSet::new();
    for row in rows {
        ids.extend(row.iter().enumerate().filter(|(_, cell)| has_id(cell)).map(|(at, _)| at));
        table.add_row(row);
    }
    // One that is broken in two cannot be copied.
    for id in ids {
        if let Some(column) = table.column_mut(id) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    text(&format!("{table}\n"))
}

/// Whether a line of a cell is an id such as Graph's.
fn has_id(cell: &str) -> bool {
    cell.lines().any(|line| Uuid::try_parse(line).is_ok())
}

/// A reader that has seen enough, such as `head`, is no error.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("the result cannot be written to stdout")?),
    }
}
