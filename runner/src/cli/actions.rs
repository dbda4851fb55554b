//! `o365 actions`: the list of actions.

use serde::Serialize;

use super::failure::Failure;
use super::{Global, output, source};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    title: String,
    category: String,
    summary: String,
    calls: Vec<String>,
    secrets: Vec<String>,
    idempotent: bool,
}

/// Lists the actions, on a terminal as a table.
pub fn run(global: &Global) -> Result<(), Failure> {
    let documents = source::documents(global)?;
    let policy = source::policy()?;
    let rows: Vec<Row> = documents
        .actions()
        .map(|action| {
            let known = policy.action(action.name).cloned().unwrap_or_default();
            Row {
                name: action.name.to_owned(),
                title: known.title,
                category: known.category,
                summary: action.summary().to_owned(),
                calls: known.calls.iter().map(ToString::to_string).collect(),
                secrets: known.secrets,
                idempotent: known.idempotent,
            }
        })
        .collect();
    if output::for_people(global.json) {
        output::table(
            &["action", "what it does"],
            rows.into_iter().map(|row| vec![row.name, row.summary]),
        )
    } else {
        output::result(&rows)
    }
}
