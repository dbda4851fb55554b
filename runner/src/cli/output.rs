//! What goes to stdout: results, as JSON for programs and as tables for people.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::Context;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::failure::Failure;

/// The narrowest table, in characters.
const NARROWEST: u16 = 80;

/// Whether stdout is to be read by a person.
pub fn for_people(json: bool) -> bool {
    !json && io::stdout().is_terminal()
}

/// Writes a result as JSON.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).context("the result is no JSON")?;
    text.push('\n');
    bytes(text.as_bytes())
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

/// A table that fits the terminal.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // A terminal that does not know its width says 0.
    if table.width().is_none_or(|width| width < NARROWEST) {
        table.set_width(NARROWEST);
    }
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    table.add_rows(rows);
    text(&format!("{table}\n"))
}

/// A reader that has seen enough, such as `head`, is no error.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("the result cannot be written to stdout")?),
    }
}
