//! A recording with its run, as a replay needs it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::foreign::Document;
use super::har::{Entry, Har, HarError, Log, Run, text};
use contract::ActionPolicy;
use contract::{Connection, InvalidGraphUrl};

/// The input with the id of the connection.
pub const CONNECTION_ID: &str = "connectionId";

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// The exchanges in order.
    pub entries: Vec<Entry>,
    /// The run.
    pub run: Run,
}

/// Why a recording cannot be replayed.
#[derive(Debug, Error)]
pub enum RecordedError {
    /// The file cannot be used.
    #[error(transparent)]
    Har(#[from] HarError),
    /// The file is another program's.
    #[error(
        "the recording {path} does not say which run it was made of: it has no log._o365; `o365 fixtures add {path} --action ACTION --case CASE` makes a fixture of it, which does",
        path = .0.display()
    )]
    NoRun(PathBuf),
    /// The action makes calls, and the file does not state the connection.
    #[error(
        "the recording {} does not say which connection its run used: log._o365 needs connection, and connectionId in input",
        .0.display()
    )]
    NoConnection(PathBuf),
    /// The URL of Graph in the connection is invalid.
    #[error("the recording {}: {}", .0.display(), .1)]
    GraphUrl(PathBuf, InvalidGraphUrl),
}

impl Recorded {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, RecordedError> {
        let bytes = text::bytes(path)?;
        if !Document::from_bytes(path, &bytes)?.is_own() {
            return Err(RecordedError::NoRun(path.to_owned()));
        }
        Self::of(path, Har::from_slice(path, &bytes)?)
    }

    /// Returns the recording `har` of the file `path`.
    pub fn of(path: &Path, har: Har) -> Result<Self, RecordedError> {
        if har.log.run.is_some() {
            har.check(path)?;
        }
        let Log { entries, run, .. } = har.log;
        let path = path.to_owned();
        match run {
            Some(run) => Ok(Self { path, entries, run }),
            None => Err(RecordedError::NoRun(path)),
        }
    }

    /// Returns the connection of the run with its id. A recording of an action with calls must
    /// have one.
    pub fn granted(
        &self,
        policy: &ActionPolicy,
    ) -> Result<Option<(String, Connection)>, RecordedError> {
        let id = self.run.input.get(CONNECTION_ID).and_then(Value::as_str);
        let granted = id.map(ToOwned::to_owned).zip(self.run.connection.clone());
        match &granted {
            None if policy.calls.is_empty() => {}
            None => return Err(RecordedError::NoConnection(self.path.clone())),
            Some((_, connection)) => {
                let invalid = |reason| RecordedError::GraphUrl(self.path.clone(), reason);
                connection.graph_root().map_err(invalid)?;
            }
        }
        Ok(granted)
    }
}
