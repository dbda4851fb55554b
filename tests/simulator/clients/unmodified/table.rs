//! The table of `docs/simulator.md`. Each client writes or compares its own column.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use support::root;

use super::calls::{self, Outcome};
use super::clients::{CLIENTS, Client};

/// With this set to 1, the columns are written; otherwise they are compared.
const WRITE: &str = "O365_WRITE_TABLES";

const BEGIN: &str = "<!-- clients -->\n";
const END: &str = "\n<!-- end of clients -->\n";

/// The cells of a table, by the title of the row and the head of the column.
type Cells = BTreeMap<(String, String), String>;

fn page() -> String {
    fs::read_to_string(root().join("docs/simulator.md")).unwrap()
}

/// The parts of the page before, in and after the table.
fn parts(page: &str) -> (&str, &str, &str) {
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    (before, table, after)
}

fn row(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// The client with its pinned version.
fn head(client: &Client) -> String {
    format!("{} {}", client.name, client.program.version(client.package))
}

/// The cells of a table as it is written.
fn read(table: &str) -> Cells {
    let mut lines = table.trim().lines();
    let heads = row(lines.next().unwrap_or_default());
    let mut cells = Cells::new();
    for line in lines.skip(1).map(row) {
        for (head, cell) in heads.iter().zip(&line).skip(1) {
            cells.insert((line[0].to_owned(), (*head).to_owned()), (*cell).to_owned());
        }
    }
    cells
}

fn written(cells: &Cells) -> String {
    let heads: Vec<String> = CLIENTS.iter().map(head).collect();
    let mut table =
        format!("| Call | {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len() + 1));
    for call in calls::all() {
        let cell = |head: &String| cells.get(&(call.title.to_owned(), head.clone())).cloned();
        let line: Vec<String> = heads.iter().map(|head| cell(head).unwrap_or_default()).collect();
        table.push_str(&format!("| {} | {} |\n", call.title, line.join(" | ")));
    }
    table
}

/// Compares the column of a client with how its calls ended, or writes it.
pub fn check(client: &Client, outcomes: &BTreeMap<&str, Outcome>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let head = head(client);
    let cell = |(title, outcome): (&&str, &Outcome)| {
        (((*title).to_owned(), head.clone()), outcome.text().to_owned())
    };
    let shown: Cells = outcomes.iter().map(cell).collect();
    let page = page();
    let (before, table, after) = parts(&page);
    let mut cells = read(table);
    if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
        cells.extend(shown);
        let page = format!("{before}{BEGIN}\n{}{END}{after}", written(&cells));
        fs::write(root().join("docs/simulator.md"), page).unwrap();
        return;
    }
    cells.retain(|(_, column), _| *column == head);
    assert_eq!(cells, shown, "docs/simulator.md ({WRITE}=1 writes it)");
}

#[test]
fn the_table_has_a_cell_for_each_client_and_call() {
    let page = page();
    let (_, table, _) = parts(&page);
    let cells = read(table);
    assert_eq!(table.trim(), written(&cells).trim());
    assert!(cells.values().all(|cell| !cell.is_empty()), "{cells:#?}");
}
