//! `o365 run`: runs an action.

use clap::Args;

use super::failure::Failure;
use super::job::JobOptions;
use super::record::{self, RecordOptions};
use super::{Global, output, source};

#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    job: JobOptions,
    #[command(flatten)]
    record: RecordOptions,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let host = source::host(global, 1)?;
    let prepared = options.job.prepare(global, &host)?;
    let recording = options.record.prepare(&prepared)?;
    let notice = prepared.chosen.notice.clone();
    // With --json, stderr contains nothing but an error, so the notice waits for the result.
    let (before, beside) = if global.json { (None, notice) } else { (notice, None) };
    if let Some(notice) = before {
        output::warn(global.json, &notice);
    }
    let executed = prepared.execute(global, &host, false, recording.is_some())?;
    // After any outcome, the backend is closed and the recording written.
    let warnings = prepared.chosen.close(&executed);
    let written = recording.map_or(Ok(None), |recording| recording.finish(&host, &executed));
    let result = match executed.explained().map_err(Failure::from) {
        Ok(result) => result,
        Err(failure) => {
            if let Err(unclosed) = warnings {
                output::warn(global.json, &unclosed.message());
            }
            return Err(record::recorded(failure, written, global.json));
        }
    };
    output::result(&result)?;
    let own = host.guest().warning().map(ToOwned::to_owned);
    for warning in executed.warnings.into_iter().chain(beside).chain(own).chain(warnings?) {
        output::warn(global.json, &warning);
    }
    written?;
    Ok(())
}
