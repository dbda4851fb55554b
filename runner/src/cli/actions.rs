//! `o365 actions`: the list of actions.

use super::failure::Failure;
use super::{Global, output, source};
use crate::contract::listing;

/// Lists the actions, on a terminal as a table.
pub fn run(global: &Global) -> Result<(), Failure> {
    let rows = listing::rows(&source::documents(global)?, &source::policy()?);
    if output::for_people(global.json) {
        output::table(
            &["action", "what it does"],
            rows.into_iter().map(|row| vec![row.name, row.summary]),
        )
    } else {
        output::result(&rows)
    }
}
