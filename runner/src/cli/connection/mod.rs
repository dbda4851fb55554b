//! `o365 connection`: the connections of the configuration.
//!
//! - `list`: what there is

mod list;

use clap::Subcommand;

use super::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the connections of the configuration; never a secret.
    List,
}

/// Runs one of the subcommands.
pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::List => list::run(global),
    }
}
