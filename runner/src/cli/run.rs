//! `o365 run`: runs an action.

use clap::Args;
use jiff::Timestamp;
use uuid::Uuid;

use super::failure::{self, Failure};
use super::job::{JobOptions, Prepared, block_on};
use super::record::{self, RecordOptions};
use super::{Global, output, secrets, source};
use crate::platform::notice;
use crate::run::Executed;
use crate::store::generated::{Generated, GeneratedSecrets};

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
    let generated = Kept::of(&prepared)?;
    let executed = prepared.execute(global, &host, false, recording.is_some())?;
    // After any outcome, the backend is closed and the recording written.
    let warnings = prepared.chosen.close(&executed);
    let written = recording.map_or(Ok(None), |recording| recording.finish(&host, &executed));
    let made_up = generated.map(|kept| kept.settle(&executed)).transpose()?.flatten();
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
    for warning in
        executed.warnings.into_iter().chain(beside).chain(own).chain(made_up).chain(warnings?)
    {
        output::warn(global.json, &warning);
    }
    written?;
    Ok(())
}

/// The secrets that were made up for a run, and are kept.
struct Kept {
    run: Uuid,
    place: GeneratedSecrets,
}

impl Kept {
    /// Keeps the secrets before the run begins.
    fn of(prepared: &Prepared) -> Result<Option<Self>, Failure> {
        let Prepared { made, context, .. } = prepared;
        if made.is_empty() {
            return Ok(None);
        }
        let generated = Generated {
            run: context.id,
            tenant: String::new(),
            action: context.action.to_string(),
            at: Timestamp::now(),
            secrets: made.clone(),
        };
        let place = secrets::of_user()?;
        let kept = block_on(place.keep(&generated))?;
        kept.map_err(|error| Failure::setup(&error, error.fix()))?;
        Ok(Some(Self { run: context.id, place }))
    }

    /// Says where the secrets are, or removes them if the run did nothing with them.
    fn settle(self, executed: &Executed) -> Result<Option<String>, Failure> {
        match &executed.outcome {
            Ok(_) => Ok(Some(notice(self.run))),
            Err(failure) if !failure::report(failure).retry_safe => Ok(None),
            Err(_) => {
                let removed = block_on(self.place.take(self.run))?;
                removed.map_err(|error| Failure::setup(&error, error.fix()))?;
                Ok(None)
            }
        }
    }
}
