//! `o365 run`: runs an action.

use std::fmt::Display;

use clap::Args;
use uuid::Uuid;

use super::failure::{self, Failure};
use super::job::{JobOptions, Prepared, block_on};
use super::record::{self, RecordOptions};
use super::{Global, output, secrets, source};
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
    let executed = prepared.execute(global, &host, false, recording.is_some());
    let made_up = generated.and_then(|kept| kept.settle(&executed));
    let executed = executed?;
    // After any outcome, the backend is closed and the recording written.
    let warnings = prepared.chosen.close(&executed);
    let written = recording.map_or(Ok(None), |recording| recording.finish(&host, &executed));
    let (outcome, run_warnings) = executed.into_explained();
    let result = match outcome.map_err(Failure::from) {
        Ok(result) => result,
        Err(failure) => {
            if let Err(unclosed) = warnings {
                output::warn(global.json, &unclosed.message());
            }
            return Err(record::recorded(failure, written, global.json));
        }
    };
    output::result(&result.into_value())?;
    let own = host.guest().warning().map(ToOwned::to_owned);
    for warning in run_warnings.into_iter().chain(beside).chain(own).chain(made_up).chain(warnings?)
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
        let generated = Generated::now(context.id, "", &context.action, made.clone());
        let place = secrets::of_user()?;
        let kept = block_on(place.keep(&generated))?;
        kept.map_err(|error| Failure::setup(&error, error.fix()))?;
        Ok(Some(Self { run: context.id, place }))
    }

    /// Returns the warning on where the secrets are, or removes them if nothing is left that they
    /// are of. It ends no run that is over.
    fn settle(self, executed: &Result<Executed, Failure>) -> Option<String> {
        let settled = match executed {
            Ok(executed) => {
                let report = executed.outcome.as_ref().err().map(failure::report);
                block_on(self.place.settle(self.run, report.as_ref()))
            }
            // Nothing was sent.
            Err(_) => block_on(async { self.place.take(self.run).await.map(|_| None) }),
        };
        let kept = |error: &dyn Display| format!("what was made up for it is still kept: {error}");
        match settled {
            Ok(Ok(notice)) => notice,
            Ok(Err(error)) => Some(kept(&error)),
            Err(error) => Some(kept(&error)),
        }
    }
}
