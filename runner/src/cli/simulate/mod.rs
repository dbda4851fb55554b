//! `o365 simulate`: a simulated tenant by itself.
//!
//! - `show`: what is in it
//! - `serve`: the tenant on ports of this machine

mod serve;
mod show;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{ArgGroup, Args};

use super::Global;
use super::failure::Failure;
use crate::simulator::{Tenant, state};
use serve::ServeOptions;
use show::What;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("does").required(true).args(["show", "port"])))]
pub struct Options {
    /// The tenant's file, as run --simulate keeps it; the built-in tenant if not given.
    /// With --port it is made if it does not exist.
    #[arg(conflicts_with = "users")]
    state: Option<PathBuf>,
    /// Take a made-up tenant with so many users instead.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    users: Option<u32>,
    /// Print what is in the tenant.
    #[arg(long, value_name = "WHAT")]
    show: Option<What>,
    #[command(flatten)]
    serve: ServeOptions,
}

/// Prints a part of the tenant, or serves it.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    match options.show {
        Some(what) => show::run(global, &existing(options)?, what),
        None => serve::run(global, options.state.as_deref(), options.users, &options.serve),
    }
}

/// The tenant as it is, with nothing made or kept.
fn existing(options: &Options) -> Result<Tenant, Failure> {
    match (&options.state, options.users) {
        (Some(path), _) => {
            let tenant = state::read(path).map_err(anyhow::Error::from)?;
            Ok(tenant.ok_or_else(|| {
                anyhow!(
                    "there is no simulated tenant {}; run --simulate makes it, and simulate --port",
                    path.display()
                )
            })?)
        }
        (None, Some(users)) => Ok(Tenant::generated(users).map_err(anyhow::Error::from)?),
        (None, None) => Ok(Tenant::built_in().map_err(anyhow::Error::from)?),
    }
}
