//! The table of `docs/integrations.md`. Each test writes or compares its own row.

use std::fs;
use std::sync::Mutex;

use support::root;

use crate::served::Document;
use crate::tools::Package;

/// With this set to 1, the rows are written; otherwise they are compared.
const WRITE: &str = "O365_WRITE_TABLES";

const BEGIN: &str = "<!-- table -->\n";
const END: &str = "\n<!-- end of table -->\n";

/// The tools of the table, in its order.
const TOOLS: [&str; 11] = [
    "openapi-generator `python`",
    "openapi-generator `typescript-fetch`",
    "openapi-generator `java`",
    "openapi-python-client",
    "openapi-typescript",
    "orval",
    "Spectral",
    "Redocly CLI",
    "swagger2openapi",
    "Microsoft 365 spec parser",
    "LangChain",
];

fn page() -> String {
    fs::read_to_string(root().join("docs/integrations.md")).unwrap()
}

/// The parts of the page before, in and after the table.
fn parts(page: &str) -> (&str, &str, &str) {
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    (before, table, after)
}

fn tool(row: &str) -> &str {
    row.trim_start_matches("| ").split(" |").next().unwrap()
}

/// Compares the row of a tool with what was shown, or writes it.
pub fn check(name: &str, package: Package, documents: &[Document], shown: &str) {
    assert!(TOOLS.contains(&name), "{name} has no place in the table");
    let versions: Vec<&str> = documents.iter().map(|document| document.version()).collect();
    let row = format!("| {name} | {} | {} | {shown} |", package.text(), versions.join(", "));
    if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
        write(&row);
        return;
    }
    let page = page();
    let (_, table, _) = parts(&page);
    let written = table.lines().find(|line| tool(line) == name);
    assert_eq!(written, Some(row.as_str()), "docs/integrations.md ({WRITE}=1 writes it)");
}

fn write(row: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    let page = page();
    let (before, table, after) = parts(&page);
    let lines: Vec<&str> = table.trim().lines().collect();
    let head = lines[..2].iter().copied();
    let rows = TOOLS.iter().filter_map(|name| {
        let old = lines[2..].iter().find(|line| tool(line) == *name).copied();
        if tool(row) == *name { Some(row) } else { old }
    });
    let table: String = head.chain(rows).map(|line| format!("{line}\n")).collect();
    fs::write(root().join("docs/integrations.md"), format!("{before}{BEGIN}\n{table}{END}{after}"))
        .unwrap();
}

#[test]
fn the_table_has_a_row_for_each_tool() {
    let page = page();
    let (_, table, _) = parts(&page);
    let rows: Vec<&str> = table.trim().lines().skip(2).map(tool).collect();
    assert_eq!(rows, TOOLS);
}
