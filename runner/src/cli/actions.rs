//! `o365 actions`: lists the actions.

use super::failure::Failure;
use super::{Global, output, source};
use crate::contract::listing;

pub fn run(global: &Global) -> Result<(), Failure> {
    let rows = listing::rows(&source::documents(global)?, &source::policy()?);
    output::rows(global.json, &rows, &["action", "description"], |row| {
        vec![row.name.clone(), row.summary.clone()]
    })
}
