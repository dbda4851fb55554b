//! `o365 tenant`: the tenants of the configuration.
//!
//! - `add`: adds a tenant or a key
//! - `list`: lists the tenants

mod add;
mod list;

use clap::Subcommand;

use super::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a tenant or a key to the configuration, and print the key.
    Add(add::Options),
    /// List the tenants of the configuration, without their keys.
    List,
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Add(options) => add::run(global, options),
        Command::List => list::run(global),
    }
}
