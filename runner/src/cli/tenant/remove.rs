//! `o365 tenant remove`: removes a tenant from the configuration.

use std::io::{self, IsTerminal};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::{LIST, exists};
use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::file::change::Locked;

/// The warning for a configuration that has no tenant left.
const LAST: &str = "this was the last tenant, and a running server does not take a configuration \
                    without one: stop it, or keep the tenant with keys = []";

#[derive(Debug, Args)]
pub struct Options {
    /// The tenant's id.
    id: String,
    /// Remove it without asking.
    #[arg(long)]
    yes: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let id = &options.id;
    let path = source::connections(global)?.path().to_owned();
    exists(&source::connections(global)?, id, LIST)?;
    if !options.yes && !is_confirmed(global, id)? {
        return Err(Failure::usage(format!("the tenant {id} is not removed"), "Answer with y."));
    }
    let file = Locked::open(&path)?;
    exists(file.connections(), id, LIST)?;
    let is_last = file.connections().tenants().count() == 1;
    file.remove_tenant(id)?;
    if is_last {
        output::warn(global.json, LAST);
    }
    if !output::for_people(global.json) {
        return output::result(&json!({ "tenant": id, "removed": true }));
    }
    output::text(&format!(
        "The tenant {id} is removed from {}. A running server refuses its keys after SIGHUP.\n\
         Its lines stay in the audit log, and the responses to its repeated calls for a day.\n",
        path.display()
    ))
}

/// Asks on the terminal. Fails when there is none.
fn is_confirmed(global: &Global, id: &str) -> Result<bool, Failure> {
    if global.json || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::usage(
            format!("nobody can be asked whether to remove the tenant {id}"),
            "Add --yes to remove it without asking.",
        ));
    }
    output::ask(&format!("Remove the tenant {id} and its keys? [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("the answer cannot be read")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
