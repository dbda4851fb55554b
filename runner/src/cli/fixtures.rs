//! `o365 fixtures add`: creates a fixture from a HAR file of this or another program, unless the
//! file contains what looks like a secret.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::job::block_on;
use super::{Global, input, output, source};
use crate::context::Clock;
use crate::contract::ActionPolicy;
use crate::egress::record::Recorder;
use crate::recording::finished::{self, Finished};
use crate::recording::foreign::{self, Document, Missing};
use crate::recording::leak_candidates::{self, LeakCandidate};
use crate::recording::recorded::CONNECTION_ID;
use crate::recording::redaction::Redaction;
use crate::recording::{Recorded, Secrets, file, placeholders};
use crate::replay;
use crate::report::Report;
use crate::run::{self, Checked, Host, host};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a fixture from a HAR file of --record, a browser, a proxy or a client.
    Add(Options),
}

#[derive(Debug, Args)]
pub struct Options {
    /// The HAR file, or a ZIP archive with one.
    file: PathBuf,
    /// The action of its run.
    #[arg(long)]
    action: String,
    /// The name of the fixture, such as user-exists-already.
    #[arg(long, value_parser = case)]
    case: String,
    /// Inputs of the run, for a file of another program.
    #[arg(value_name = "NAME=VALUE")]
    pairs: Vec<String>,
    /// Read the input as JSON from a file, or from stdin (-).
    #[arg(short, long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The tenant's domain, if the file does not contain it.
    #[arg(long, value_name = "DOMAIN")]
    tenant: Option<String>,
    /// The mailbox of the sender, if the file does not contain it.
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<String>,
    /// The id of the connection in the fixture.
    #[arg(long, value_name = "ID")]
    connection: Option<String>,
    /// The directory of the fixtures.
    #[arg(long, value_name = "DIR", default_value = "fixtures")]
    directory: PathBuf,
}

/// Accepts the names that are portable as file names.
fn case(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.chars().all(fits) && !text.starts_with('-') {
        Ok(text.to_owned())
    } else {
        Err("expected lower-case words with - between them".to_owned())
    }
}

/// A run for a new fixture.
struct Candidate {
    recorded: Recorded,
    fields: Map<String, Value>,
    secrets: Secrets,
}

pub fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let Command::Add(options) = command;
    let host = source::host(global, 1)?;
    let policy = host.policy(&options.action);
    source::action(&host, &options.action)?;
    let path = options.directory.join(&options.action).join(format!("{}.har", options.case));
    if path.exists() {
        return Err(Failure::usage(
            format!("the fixture {} already exists", path.display()),
            "Choose another --case, or remove the file first.",
        ));
    }
    let candidate = options.candidate(&host, &policy)?;
    let (bytes, exchanges) = candidate.recorded_again(&host, &policy)?;
    file::make_directory(&options.directory.join(&options.action)).map_err(anyhow::Error::from)?;
    file::write(&path, &bytes).map_err(anyhow::Error::from)?;
    output::result(&json!({ "fixture": path.display().to_string(), "exchanges": exchanges }))
}

impl Options {
    /// Returns the run in the file. Fails when something in it looks like a secret.
    fn candidate(&self, host: &Host, policy: &ActionPolicy) -> Result<Candidate, Failure> {
        let document = Document::read(&self.file).map_err(anyhow::Error::from)?;
        if document.is_own() {
            self.own(host, policy)
        } else {
            self.foreign(host, policy, document)
        }
    }

    /// The run of a recording of ours, which must still be what it says.
    fn own(&self, host: &Host, policy: &ActionPolicy) -> Result<Candidate, Failure> {
        let recorded = Recorded::read(&self.file).map_err(anyhow::Error::from)?;
        if recorded.run.action != self.action {
            return Err(Failure::usage(
                format!("{} is a recording of {}", self.file.display(), recorded.run.action),
                format!("Give --action {}.", recorded.run.action),
            ));
        }
        let run = json!({ "log": { "_o365": &recorded.run } });
        refuse(leak_candidates::in_document(&run), &self.file)?;
        let indices = 0..recorded.entries.len();
        self.search(&recorded, indices)?;
        let fields = placeholders::input(&recorded.run.input).map_err(anyhow::Error::from)?;
        let replayed = block_on(replay::replay(host, &self.file))?.map_err(anyhow::Error::from)?;
        if let Some(difference) = replayed.differences.first() {
            return Err(anyhow!(
                "{} does not replay to its outcome, so it was changed: {}",
                self.file.display(),
                difference.reason
            )
            .into());
        }
        let secrets = host::secrets(policy, &fields);
        Ok(Candidate { recorded, fields, secrets })
    }

    /// Returns the run in a file of another program.
    fn foreign(
        &self,
        host: &Host,
        policy: &ActionPolicy,
        document: Document,
    ) -> Result<Candidate, Failure> {
        let action = source::action(host, &self.action)?;
        let (mut fields, problems) =
            input::assemble(self.input.as_ref(), &self.pairs, &action.input)?;
        if !problems.is_empty() {
            return Err(Report::input(problems).into());
        }
        let missing = Missing {
            tenant: self.tenant.clone(),
            sender: self.sender.clone(),
            connection: self.connection.clone(),
        };
        let taken = foreign::take(document, &self.action, policy, &missing)
            .map_err(|error| Failure::setup(&error, error.fix()))?;
        let mut recorded = taken.recorded;
        let id = recorded.run.input.get(CONNECTION_ID).cloned().unwrap_or_default();
        fields.entry(CONNECTION_ID).or_insert(id);
        recorded.run.input = Value::Object(fields.clone());
        let secrets = host::secrets(policy, &fields);
        let redaction = Redaction::new(&secrets).keeping_tokens();
        let entries = std::mem::take(&mut recorded.entries).into_iter();
        recorded.entries = entries.map(|entry| finished::clean(&redaction, entry)).collect();
        self.search(&recorded, taken.indices.into_iter())?;
        Ok(Candidate { recorded, fields, secrets })
    }

    /// Fails when something in the exchanges looks like a secret. `indices` are those in the file.
    fn search(
        &self,
        recorded: &Recorded,
        indices: impl Iterator<Item = usize>,
    ) -> Result<(), Failure> {
        for (index, entry) in indices.zip(&recorded.entries) {
            let candidate = leak_candidates::in_entry(entry, index).map_err(anyhow::Error::from)?;
            refuse(candidate, &self.file)?;
        }
        Ok(())
    }
}

fn refuse(candidate: Option<LeakCandidate>, file: &Path) -> Result<(), Failure> {
    match candidate {
        None => Ok(()),
        Some(LeakCandidate { pointer, reason }) => {
            Err(anyhow!("{} is refused at {pointer}: {reason}", file.display()).into())
        }
    }
}

impl Candidate {
    /// Runs the action on the exchanges, and records the run. Returns the file and the number of its
    /// exchanges.
    fn recorded_again(
        self,
        host: &Host,
        policy: &ActionPolicy,
    ) -> Result<(Vec<u8>, usize), Failure> {
        let Self { recorded, fields, secrets } = self;
        let action = source::action(host, &recorded.run.action)?;
        let granted = recorded.granted(policy).map_err(anyhow::Error::from)?;
        let connection = granted.as_ref().map(|(_, connection)| connection.clone());
        let checked = Checked::new(host, action, fields, Vec::new()).map_err(Report::input)?;
        let recorder = Recorder::new(Clock::simulated());
        let rerun =
            replay::rerun(host, &checked, granted, recorded.entries, Some(recorder.clone()));
        let (executed, _) = block_on(rerun)?;
        let outcome = match executed?.outcome {
            Ok(result) => Ok(result.into_value()),
            Err(run::Failure::Action(report)) => Err(report.to_json()),
            Err(ended) => return Err(ended.into()),
        };
        let exchanges = recorder.exchanges();
        let finished = Finished {
            action: &action.name,
            input: &checked.fields,
            outcome: outcome.as_ref(),
            connection: connection.as_ref(),
            component: host.component(),
            own_words: host.guest().own_words(),
            secrets: &secrets,
            others: &[],
            exchanges: &exchanges,
        };
        let bytes = finished.bytes(&finished.har()).map_err(anyhow::Error::from)?;
        Ok((bytes, exchanges.list.len()))
    }
}
