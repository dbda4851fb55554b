//! The table of hosts and cases, which stands in `docs/hosts.md`.

use std::fmt::Write as _;
use std::fs;

use support::root;

use crate::cases::CASES;

/// With this set to 1, the table is written; otherwise it is compared.
const WRITE: &str = "O365_WRITE_TABLES";

const BEGIN: &str = "<!-- table -->\n";
const END: &str = "<!-- end of table -->\n";

/// What was measured on a host.
pub struct Column {
    pub name: &'static str,
    /// A cell for each case.
    pub cells: Vec<String>,
    pub problems: Vec<String>,
}

/// The table in Markdown.
pub fn text(columns: &[Column]) -> String {
    let names = columns.iter().map(|column| column.name);
    let mut text = String::from("| Action | What happens |");
    names.for_each(|name| write!(text, " {name} |").unwrap());
    writeln!(text, "\n| --- | --- |{}", " --- |".repeat(columns.len())).unwrap();
    for (number, case) in CASES.iter().enumerate() {
        write!(text, "| `{}` | {} |", case.action.name(), case.what).unwrap();
        columns.iter().for_each(|column| write!(text, " {} |", column.cells[number]).unwrap());
        text.push('\n');
    }
    text
}

/// Compares the table of the page with what was measured, or writes it.
pub fn check(columns: &[Column]) {
    let path = root().join("docs/hosts.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
        fs::write(&path, format!("{before}{BEGIN}\n{}\n{END}{after}", text(columns))).unwrap();
        return;
    }
    // A host that is not installed has a column in the page all the same.
    let rows: Vec<Vec<&str>> = table.trim().lines().map(cells).collect();
    let names = ["Action", "What happens"].into_iter();
    let names = names.chain(columns.iter().map(|column| column.name));
    let head = rows.first().cloned().unwrap_or_default();
    let places = names.map(|name| head.iter().position(|cell| *cell == name));
    let places: Option<Vec<usize>> = places.collect();
    let measured = text(columns);
    let expected = places.map(|places| {
        let chosen = rows.iter().map(|row| places.iter().map(|place| row[*place]).collect());
        chosen.collect::<Vec<Vec<&str>>>()
    });
    let measured_rows: Vec<Vec<&str>> = measured.lines().map(cells).collect();
    assert_eq!(
        expected,
        Some(measured_rows),
        "\ndocs/hosts.md says otherwise ({WRITE}=1 writes it); measured:\n{measured}"
    );
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}
