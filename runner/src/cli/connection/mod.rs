//! `o365 connection`: the connections of the configuration.
//!
//! - `list`: lists the connections
//! - `login`: signs a user in
//! - `verify`: checks what a run needs

mod list;
mod login;
mod verify;

use clap::Subcommand;

use super::Global;
use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the connections of the configuration, without their secrets.
    List,
    /// Sign a user in for later runs.
    Login(login::Options),
    /// Check everything that a run needs, without changing anything.
    Verify(verify::Options),
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::List => list::run(global),
        Command::Login(options) => login::run(global, options),
        Command::Verify(options) => verify::run(global, options),
    }
}
