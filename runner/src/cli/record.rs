//! `--record` and `--record-failures`: records the run, on any backend.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use jiff::Timestamp;

use super::failure::{self, Failure};
use super::job::{Prepared, block_on};
use super::output;
use crate::contract::Connection;
use crate::recording::finished::{self, Finished, RecordError};
use crate::recording::{file, pseudonyms};
use crate::replay;
use crate::report::Report;
use crate::run::{self, Checked, Executed, Host, host};
use crate::values::Problem;

/// How many digits of a digest distinguish two recordings of one second.
const DIGITS: usize = 8;

#[derive(Debug, Args)]
pub struct RecordOptions {
    /// Record the run as a HAR file with references in place of secrets. An existing file is
    /// replaced only if it is a recording.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Record the run in this directory if it fails.
    #[arg(long, value_name = "DIR")]
    record_failures: Option<PathBuf>,
    /// Replace the names of people and tenants in the recording with pseudonyms. The recording is
    /// replayed before it is written.
    #[arg(long)]
    pseudonymise: bool,
}

/// The recording of a run.
pub struct Recording<'a> {
    options: &'a RecordOptions,
    checked: &'a Checked,
    connection: Option<&'a Connection>,
}

impl RecordOptions {
    /// Checks that the recording can be written, before anything is sent.
    pub fn prepare<'a>(
        &'a self,
        Prepared { checked, granted, .. }: &'a Prepared,
    ) -> Result<Option<Recording<'a>>, Failure> {
        if self.record.is_none() && self.record_failures.is_none() {
            return if self.pseudonymise { Err(nothing_to_pseudonymise()) } else { Ok(None) };
        }
        if let Some(path) = &self.record {
            refuse_short_secrets(checked)?;
            file::check(path).map_err(|error| {
                Failure::usage(error.to_string(), "Name another file for the recording.")
            })?;
        }
        if let Some(directory) = &self.record_failures {
            file::make_directory(directory).map_err(anyhow::Error::from)?;
            file::check(&directory.join("any.har")).map_err(anyhow::Error::from)?;
        }
        Ok(Some(Recording {
            options: self,
            checked,
            connection: granted.as_ref().map(|(_, connection)| connection),
        }))
    }
}

fn nothing_to_pseudonymise() -> Failure {
    Failure::usage(
        "--pseudonymise needs a recording",
        "Add --record FILE or --record-failures DIR.",
    )
}

/// Refuses secrets that are too short to be found in the recording.
fn refuse_short_secrets(checked: &Checked) -> Result<(), Report> {
    match finished::short(&checked.secrets) {
        None => Ok(()),
        Some(name) => Err(Report::input(vec![Problem {
            pointer: format!("/{name}"),
            message: format!("{}; run without --record", RecordError::Short(name.to_owned())),
        }])),
    }
}

impl Recording<'_> {
    /// Writes the recording of a run, and returns its path.
    pub fn finish(self, host: &Host, executed: &Executed) -> Result<Option<PathBuf>, Failure> {
        let RecordOptions { record, record_failures, .. } = self.options;
        let directory = record_failures.as_ref().filter(|_| executed.outcome.is_err());
        if record.is_none() && directory.is_none() {
            return Ok(None);
        }
        let bytes = self.bytes(host, executed)?;
        let named = directory.map(|directory| directory.join(self.name(&bytes)));
        for path in record.iter().chain(&named) {
            file::write(path, &bytes).map_err(anyhow::Error::from)?;
        }
        Ok(named.or_else(|| record.clone()))
    }

    fn bytes(&self, host: &Host, executed: &Executed) -> anyhow::Result<Vec<u8>> {
        let recorder = executed.recorder.as_ref().context("the run was not recorded")?;
        let outcome = &executed.outcome;
        let said = match outcome {
            Ok(result) => Ok(result.to_value()),
            Err(failure) => Err(failure::report(failure).to_json()),
        };
        let finished = Finished {
            action: &self.checked.action.name,
            input: &self.checked.fields,
            outcome: said.as_ref(),
            connection: self.connection,
            component: host.component(),
            own_words: host.guest().own_words(),
            secrets: &self.checked.secrets,
            others: &executed.known.list(),
            exchanges: &recorder.exchanges(),
        };
        if !self.options.pseudonymise {
            return Ok(finished.bytes(&finished.har())?);
        }
        let bytes = finished.bytes(&pseudonyms::pseudonymised(&finished.har())?)?;
        // A replay does not repeat what the host or the caller did.
        if matches!(outcome, Ok(_) | Err(run::Failure::Action(_))) {
            replays(host, &bytes)?;
        }
        Ok(bytes)
    }

    /// Returns the name of a failure's file: the time, the action, and a part of the digest.
    fn name(&self, bytes: &[u8]) -> String {
        let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let digest: String = host::digest(bytes).chars().take(DIGITS).collect();
        format!("{now}-{}-{digest}.har", self.checked.action.name)
    }
}

/// Checks that a recording with pseudonyms replays without differences.
fn replays(host: &Host, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = tempfile::NamedTempFile::new().context("a temporary file")?;
    file.write_all(bytes).context("a temporary file")?;
    let replayed = block_on(replay::replay(host, file.path()))??;
    match replayed.differences.first() {
        None => Ok(()),
        Some(difference) => Err(anyhow!(
            "with pseudonyms the recording does not replay to the same outcome, so it was not \
             written: {}; run without --pseudonymise",
            difference.reason
        )),
    }
}

/// Adds the path of the written recording to a failure.
pub fn recorded(
    failure: Failure,
    written: Result<Option<PathBuf>, Failure>,
    json: bool,
) -> Failure {
    match written {
        Ok(Some(path)) => failure.recorded_in(path),
        Ok(None) => failure,
        Err(error) => {
            // The failure of the run is more important.
            output::warn(json, &error.message());
            failure
        }
    }
}
