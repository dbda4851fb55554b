//! `o365 run`: one action, once.

use clap::Args;

use super::failure::Failure;
use super::job::{JobOptions, Prepared};
use super::way::Opened;
use super::{Global, output, source};

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
}

/// Runs an action and prints its result.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let host = source::host(global, 1)?;
    let Prepared { way, job } = options.job.prepare(global, &host)?;
    if let Some(notice) = way.notice() {
        output::warn(global.json, &notice);
    }
    let Opened { way_out, close, faults } = way.open(&job.secrets, &job.clock)?;
    let ended = job.finish(&host, way_out);
    // Whatever became of the run, its way out is closed.
    let warnings = close();
    output::result(&ended.map_err(|failure| failure.explained(faults.last()))?)?;
    if let Some(warning) = host.guest().warning() {
        output::warn(global.json, warning);
    }
    for warning in warnings? {
        output::warn(global.json, &warning);
    }
    Ok(())
}
