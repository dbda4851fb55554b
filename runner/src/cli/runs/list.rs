//! `o365 runs list`: lists the runs that have not ended.

use super::journals::SavedJournals;
use super::shown::Row;
use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::cli::output::{self, printable};

pub async fn run(global: &Global) -> Result<(), Failure> {
    let unfinished = SavedJournals::of(global).await?.unfinished().await?;
    let rows: Vec<Row> = unfinished.iter().map(Row::of).collect();
    if output::for_people(global.json) && rows.is_empty() {
        return output::text("No run with a journal is under way or was interrupted.\n");
    }
    output::rows(
        global.json,
        &rows,
        &["began (UTC), run", "tenant", "action", "requests, writes"],
        |row| {
            vec![
                format!("{:.0}\n{}", row.started_at, row.run),
                printable(&row.tenant),
                printable(&row.action),
                format!("{}, {}", row.requests, row.writes),
            ]
        },
    )
}
