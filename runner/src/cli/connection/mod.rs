//! `o365 connection`: the connections of the configuration.
//!
//! - `list`: what there is
//! - `login`: a user signs in
//! - `verify`: what works and what does not

mod list;
mod login;
mod verify;

use clap::Subcommand;

use super::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the connections of the configuration; never a secret.
    List,
    /// Sign a user in, once, for the runs that follow.
    Login(login::Options),
    /// Check everything that a run over a connection needs; changes nothing.
    Verify(verify::Options),
}

/// Runs one of the subcommands.
pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::List => list::run(global),
        Command::Login(options) => login::run(global, options),
        Command::Verify(options) => verify::run(global, options),
    }
}
