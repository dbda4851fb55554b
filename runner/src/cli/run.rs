//! `o365 run`: one action, once.

use clap::Args;

use super::failure::Failure;
use super::job::{Finished, JobOptions, Prepared};
use super::record::{self, RecordOptions};
use super::way::Opened;
use super::{Global, output, source};

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
    #[command(flatten)]
    record: RecordOptions,
}

/// Runs an action and prints its result.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let host = source::host(global, 1)?;
    let Prepared { way, job } = options.job.prepare(global, &host)?;
    let recording = options.record.prepare(&job)?;
    // As JSON, an error is all that stderr holds: there the notice waits for a result.
    let (before, beside) = if global.json { (None, way.notice()) } else { (way.notice(), None) };
    if let Some(notice) = before {
        output::warn(global.json, &notice);
    }
    let Opened { way_out, close, faults, known } = way.open(&job.secrets, &job.clock)?;
    let way_out = match &recording {
        Some(recording) => recording.in_front_of(way_out),
        None => way_out,
    };
    let Finished { outcome: ended, warnings: said } = job.finish(&host, way_out);
    // Whatever became of the run, its way out is closed and its recording written.
    let warnings = close();
    let written =
        recording.map_or(Ok(None), |recording| recording.finish(&host, &ended, &known.list()));
    let result = match ended.map_err(|failure| failure.explained(faults.last())) {
        Ok(result) => result,
        Err(failure) => {
            if let Err(unclosed) = warnings {
                output::warn(global.json, &unclosed.message());
            }
            return Err(record::told(failure, written, global.json));
        }
    };
    output::result(&result)?;
    let own = host.guest().warning().map(ToOwned::to_owned);
    for warning in said.into_iter().chain(beside).chain(own).chain(warnings?) {
        output::warn(global.json, &warning);
    }
    written?;
    Ok(())
}
