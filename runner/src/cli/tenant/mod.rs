//! `o365 tenant`: who may call the actions over HTTP, as the configuration says.
//!
//! - `add`: a tenant, or a key, and what the key is
//! - `list`: what there is

mod add;
mod list;

use clap::Subcommand;

use super::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a tenant or a key to the configuration, and print the key.
    Add(add::Options),
    /// List the tenants of the configuration; never a key.
    List,
}

/// Runs one of the subcommands.
pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Add(options) => add::run(global, options),
        Command::List => list::run(global),
    }
}
