//! A recording that says which run it was made of, as a replay needs it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::foreign::Document;
use super::har::{Entry, Har, HarError, Log, Run, text};
use contract::ActionPolicy;
use contract::{Connection, InvalidGraphUrl};

/// The input that names the connection, in every action that uses one.
pub const CONNECTION_ID: &str = "connectionId";

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// The exchanges, in order.
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
    /// Another program wrote it.
    #[error(
        "the recording {0} does not say which run it was made of: it has no log._o365; `o365 fixtures add {0} --action ACTION --case CASE` makes a fixture of it, which does",
        path.display()
    )]
    NoRun {
        /// The file.
        path: PathBuf,
    },
    /// The action makes calls, and the file does not say over which connection.
    #[error(
        "the recording {} does not say which connection its run used: log._o365 needs connection, and connectionId in input",
        path.display()
    )]
    NoConnection {
        /// The file.
        path: PathBuf,
    },
    /// Its connection leads nowhere.
    #[error("the recording {}: {reason}", path.display())]
    GraphUrl {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: InvalidGraphUrl,
    },
}

impl Recorded {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, RecordedError> {
        let bytes = text::bytes(path)?;
        if !Document::from_bytes(path, &bytes)?.is_own() {
            return Err(RecordedError::NoRun { path: path.to_owned() });
        }
        Self::of(path, Har::from_slice(path, &bytes)?)
    }

    /// The recording that `har` is, as the file `path` holds it.
    pub fn of(path: &Path, har: Har) -> Result<Self, RecordedError> {
        if har.log.run.is_some() {
            har.check(path)?;
        }
        let Log { entries, run, .. } = har.log;
        let path = path.to_owned();
        match run {
            Some(run) => Ok(Self { path, entries, run }),
            None => Err(RecordedError::NoRun { path }),
        }
    }

    /// The connection that the run was granted, under its id. An action that makes calls,
    /// as `policy` says, must have had one.
    pub fn granted(
        &self,
        policy: &ActionPolicy,
    ) -> Result<Option<(String, Connection)>, RecordedError> {
        let id = self.run.input.get(CONNECTION_ID).and_then(Value::as_str);
        let granted = id.map(ToOwned::to_owned).zip(self.run.connection.clone());
        match &granted {
            None if policy.calls.is_empty() => {}
            None => return Err(RecordedError::NoConnection { path: self.path.clone() }),
            Some((_, connection)) => {
                connection.graph_root().map_err(|reason| RecordedError::GraphUrl {
                    path: self.path.clone(),
                    reason,
                })?;
            }
        }
        Ok(granted)
    }
}
