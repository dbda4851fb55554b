//! `o365 tenant`: the tenants of the configuration.
//!
//! - `add`: adds a tenant or a key
//! - `list`: lists the tenants
//! - `rotate`: replaces the keys of a tenant
//! - `remove`: removes a tenant
//! - `shown`: prints a new key

mod add;
mod list;
mod remove;
mod rotate;
mod shown;

use clap::Subcommand;

use super::failure::Failure;
use super::{Global, source};
use crate::connections::file::Connections;

/// The fix for a tenant that does not exist.
const LIST: &str = "Run o365 tenant list to see all tenants.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a tenant or a key to the configuration, and print the key.
    Add(add::Options),
    /// List the tenants of the configuration, without their keys.
    List,
    /// Make a new key, print it, and let the tenant's other keys expire.
    Rotate(rotate::Options),
    /// Remove a tenant from the configuration, and with it its access.
    Remove(remove::Options),
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Add(options) => add::run(global, options),
        Command::List => list::run(global),
        Command::Rotate(options) => rotate::run(global, options),
        Command::Remove(options) => remove::run(global, options),
    }
}

/// Fails when there is no such tenant.
fn exists(configuration: &Connections, id: &str, fix: &str) -> Result<(), Failure> {
    let known = || configuration.tenants().map(|tenant| tenant.id.as_str());
    if known().any(|known| known == id) {
        return Ok(());
    }
    let message = format!("there is no tenant {id:?} in {}", configuration.path().display());
    Err(source::unknown(message, id, known(), fix))
}
