//! `--record` and `--record-failures`: a recording of the run, beside any egress stack.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::failure::{self, Failure};
use super::job::{Prepared, runtime};
use super::output;
use crate::contract::Connection;
use crate::egress::record::Recorder;
use crate::recording::finished::{self, Finished, RecordError};
use crate::recording::{Secrets, file, pseudonyms};
use crate::replay;
use crate::report::Report;
use crate::run::{self, Executed, Host};
use crate::values::Problem;

/// The bytes of a digest that tell two recordings of one second apart.
const TELLING: usize = 4;

/// What to record.
#[derive(Debug, Args)]
pub struct RecordOptions {
    /// Record the run as HAR, secrets as references: the file can be replayed and shown. A
    /// file that is there is replaced only if it is a recording.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Record the run in this directory, but only if it fails.
    #[arg(long, value_name = "DIR")]
    record_failures: Option<PathBuf>,
    /// Give people and tenants in the recording other names, the same ones everywhere in it.
    /// The recording is replayed before it is written, to show that it is still good.
    #[arg(long)]
    pseudonymise: bool,
}

/// A recording that is being made, if there is to be one.
pub struct Recording {
    /// The layer that notes its exchanges.
    pub recorder: Recorder,
    file: Option<PathBuf>,
    directory: Option<PathBuf>,
    pseudonymise: bool,
    action: String,
    input: Map<String, Value>,
    connection: Option<Connection>,
    secrets: Secrets,
}

impl RecordOptions {
    /// Checks that the recording can be written, before anything is sent.
    pub fn prepare(&self, prepared: &Prepared) -> Result<Option<Recording>, Failure> {
        if self.record.is_none() && self.record_failures.is_none() {
            return if self.pseudonymise { Err(nothing_to_pseudonymise()) } else { Ok(None) };
        }
        if let Some(path) = &self.record {
            refuse_short_secrets(&prepared.checked.secrets)?;
            file::check(path).map_err(|error| {
                Failure::usage(error.to_string(), "Name another file for the recording.")
            })?;
        }
        if let Some(directory) = &self.record_failures {
            file::make_directory(directory).map_err(anyhow::Error::from)?;
            file::check(&directory.join("any.har")).map_err(anyhow::Error::from)?;
        }
        Ok(Some(Recording {
            recorder: Recorder::new(prepared.context.clock.clone()),
            file: self.record.clone(),
            directory: self.record_failures.clone(),
            pseudonymise: self.pseudonymise,
            action: prepared.checked.action.name.clone(),
            input: prepared.checked.fields.clone(),
            connection: prepared.granted.as_ref().map(|(_, connection)| connection.clone()),
            secrets: prepared.checked.secrets.clone(),
        }))
    }
}

fn nothing_to_pseudonymise() -> Failure {
    Failure::usage(
        "--pseudonymise is about a recording, and none is made",
        "Add --record FILE or --record-failures DIR.",
    )
}

/// A secret that short could not be told from what is none.
fn refuse_short_secrets(secrets: &Secrets) -> Result<(), Failure> {
    match finished::short(secrets) {
        None => Ok(()),
        Some(name) => Err(Failure::from(Report::input(vec![Problem {
            pointer: format!("/{name}"),
            message: format!("{}; run without --record", RecordError::Short(name.to_owned())),
        }]))),
    }
}

impl Recording {
    /// Writes what is to be written of a run that is over, and says where.
    pub fn finish(self, host: &Host, executed: &Executed) -> Result<Option<PathBuf>, Failure> {
        let directory = self.directory.as_ref().filter(|_| executed.outcome.is_err());
        if self.file.is_none() && directory.is_none() {
            return Ok(None);
        }
        let bytes = self.bytes(host, executed)?;
        let named = directory.map(|directory| directory.join(self.name(&bytes)));
        for path in self.file.iter().chain(&named) {
            file::write(path, &bytes).map_err(anyhow::Error::from)?;
        }
        Ok(named.or(self.file))
    }

    fn bytes(&self, host: &Host, executed: &Executed) -> anyhow::Result<Vec<u8>> {
        let outcome = &executed.outcome;
        let error = outcome.as_ref().err().map(|it| failure::report(it).to_json());
        let error = error.unwrap_or_default();
        let finished = Finished {
            action: &self.action,
            input: &self.input,
            outcome: outcome.as_ref().map_err(|_| &error),
            connection: self.connection.as_ref(),
            component: host.component(),
            own_words: host.guest().own_words(),
            secrets: &self.secrets,
            others: &executed.known.list(),
            exchanges: &self.recorder.exchanges(),
        };
        if !self.pseudonymise {
            return Ok(finished.bytes(&finished.har())?);
        }
        let bytes = finished.bytes(&pseudonyms::pseudonymised(&finished.har())?)?;
        // What ended the run from outside does not happen again.
        if matches!(outcome, Ok(_) | Err(run::Failure::Action(_))) {
            replays(host, &bytes)?;
        }
        Ok(bytes)
    }

    /// The name of a failure's file: when, what, and some of its digest.
    fn name(&self, bytes: &[u8]) -> String {
        let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let digest: String =
            Sha256::digest(bytes).iter().take(TELLING).map(|byte| format!("{byte:02x}")).collect();
        format!("{now}-{}-{digest}.har", self.action)
    }
}

/// Checks that a recording with pseudonyms replays to what it says.
fn replays(host: &Host, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = tempfile::NamedTempFile::new().context("a temporary file")?;
    file.write_all(bytes).context("a temporary file")?;
    let runtime = runtime().map_err(|failure| anyhow!(failure.message()))?;
    let replayed = runtime.block_on(replay::replay(host, file.path()))?;
    match replayed.differences.first() {
        None => Ok(()),
        Some(difference) => Err(anyhow!(
            "with pseudonyms the recording does not replay to the same, so it was not written: {}; \
             run without --pseudonymise",
            difference.reason
        )),
    }
}

/// A failure with the recording of its run, where one was written.
pub fn recorded(
    failure: Failure,
    written: Result<Option<PathBuf>, Failure>,
    json: bool,
) -> Failure {
    match written {
        Ok(Some(path)) => failure.recorded_in(path),
        Ok(None) => failure,
        Err(error) => {
            // What became of the run comes first.
            output::warn(json, &error.message());
            failure
        }
    }
}
