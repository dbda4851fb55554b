//! `o365 simulate`: shows or serves a simulated tenant.
//!
//! - `show`: prints its contents
//! - `serve`: serves it on local ports; `started`: what it says at the start

mod serve;
mod show;
mod started;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{ArgGroup, Args};

use super::Global;
use super::backend::simulate;
use super::failure::Failure;
use crate::simulator::{Tenant, state};
use serve::ServeOptions;
use show::Section;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("does").required(true).args(["show", "port"])))]
pub struct Options {
    /// The file of the tenant, as run --simulate keeps it; by default the built-in tenant.
    /// With --port, the file is created if it does not exist.
    #[arg(conflicts_with = "users")]
    state: Option<PathBuf>,
    /// Generate a tenant with this number of users instead.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    users: Option<u32>,
    /// Print a part of the tenant.
    #[arg(long, value_name = "SECTION")]
    show: Option<Section>,
    #[command(flatten)]
    serve: ServeOptions,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    match options.show {
        Some(section) => show::run(global, &existing(options)?, section),
        None => serve::run(global, options.state.as_deref(), options.users, &options.serve),
    }
}

/// Returns the tenant without creating or locking its file.
fn existing(options: &Options) -> anyhow::Result<Tenant> {
    let Some(path) = &options.state else { return simulate::tenant(None, options.users) };
    state::read(path)?.ok_or_else(|| {
        anyhow!(
            "there is no simulated tenant {}; run --simulate or simulate --port creates it",
            path.display()
        )
    })
}
