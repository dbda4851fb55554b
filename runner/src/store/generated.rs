//! Secrets that the host made up, each of which an operator reads once.
//!
//! A process of its own keeps them in files, one for each run, mode 0600. Processes that share a
//! store keep them there, sealed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use disk::private::{self, PrivateDirError};
use disk::replace::{Synced, replace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::{Expected, Group, Key, Store, StoreError};
use crate::report::Report;

/// How the name of a file ends.
const SUFFIX: &str = "json";

/// The secrets of one run.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// The run.
    pub run: Uuid,
    /// Its tenant; empty for a run from the command line.
    pub tenant: String,
    /// The action.
    pub action: String,
    /// When they were made up.
    pub at: Timestamp,
    /// The secrets by the names of their inputs.
    pub secrets: BTreeMap<String, String>,
}

/// Where the secrets are kept. Clones refer to the same place.
#[derive(Clone, Debug)]
pub struct GeneratedSecrets(Place);

#[derive(Clone, Debug)]
enum Place {
    Files(PathBuf),
    Shared(Arc<dyn Store>),
}

/// Why secrets cannot be kept or read.
#[derive(Debug, Error)]
pub enum GeneratedError {
    /// The directory cannot be created, or is not private.
    #[error(transparent)]
    Directory(#[from] PrivateDirError),
    /// A file cannot be written, read or removed.
    #[error("{path}: {1}", path = .0.display())]
    File(PathBuf, io::Error),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry is not what this program writes.
    #[error("the secrets of the run {0} are not what this program writes")]
    Damaged(Uuid),
}

impl GeneratedError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Directory(_) => "Set O365_STATE_DIR to a private directory (chmod 700).",
            Self::File(..) => "Let this user read and write the file and its directory.",
            Self::Store(error) => error.fix(),
            Self::Damaged(_) => "Set another password for the user.",
        }
    }
}

impl Generated {
    /// Returns the secrets of a run that is about to begin; `tenant` is empty for a run from the
    /// command line.
    pub fn now(run: Uuid, tenant: &str, action: &str, secrets: BTreeMap<String, String>) -> Self {
        let (tenant, action) = (tenant.to_owned(), action.to_owned());
        Self { run, tenant, action, at: Timestamp::now(), secrets }
    }
}

impl GeneratedSecrets {
    /// Keeps secrets in a directory, which the first of them creates.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self(Place::Files(directory))
    }

    /// Keeps secrets in a store that seals its values.
    pub fn shared(store: Arc<dyn Store>) -> Self {
        Self(Place::Shared(store))
    }

    /// Keeps the secrets of a run, which are on the disk when this returns.
    ///
    /// # Errors
    /// Fails when they are not, or perhaps not, kept. The run must not begin then.
    pub async fn keep(&self, generated: &Generated) -> Result<(), GeneratedError> {
        let bytes = serde_json::to_vec(generated).map_err(|_| damaged(generated.run))?;
        match &self.0 {
            Place::Files(directory) => {
                private::open_dir(directory)?;
                let path = path(directory, generated.run);
                replace(&path, &bytes, Synced::ContentAndName).map_err(at(&path))
            }
            Place::Shared(store) => {
                let key = key(generated.run);
                store.put(&key, Bytes::from(bytes), Expected::Any, None).await?;
                Ok(())
            }
        }
    }

    /// Takes the secrets of a run, which are gone then; `None` if there are none, or no longer.
    ///
    /// # Errors
    /// Fails when they cannot be read or removed.
    pub async fn take(&self, run: Uuid) -> Result<Option<Generated>, GeneratedError> {
        let bytes = match &self.0 {
            Place::Files(directory) => take_file(directory, run)?,
            Place::Shared(store) => {
                let key = key(run);
                let Some(entry) = store.get(&key).await? else { return Ok(None) };
                store.remove(&key, entry.revision).await?.then(|| entry.value.to_vec())
            }
        };
        let Some(bytes) = bytes else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(run))
    }

    /// Decides what becomes of the secrets of a run that is over, with this error if it failed.
    /// Returns how to read them, for the one who has the result. They are removed where a repeat is
    /// safe: then nothing is left that they are of.
    ///
    /// # Errors
    /// Fails when they cannot be removed.
    pub async fn settle(
        &self,
        run: Uuid,
        error: Option<&Report>,
    ) -> Result<Option<String>, GeneratedError> {
        match error {
            None => Ok(Some(format!(
                "a password was made up; the operator reads it once, with o365 secrets take {run}"
            ))),
            Some(error) if !error.retry_safe => Ok(None),
            Some(_) => self.take(run).await.map(|_| None),
        }
    }

    /// Returns whether there are secrets of a run.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    pub async fn has(&self, run: Uuid) -> Result<bool, GeneratedError> {
        match &self.0 {
            Place::Files(directory) => Ok(path(directory, run).exists()),
            Place::Shared(store) => Ok(store.get(&key(run)).await?.is_some()),
        }
    }

    /// Returns the secrets that nobody has taken, the oldest first.
    ///
    /// # Errors
    /// Fails when they cannot be read.
    pub async fn list(&self) -> Result<Vec<Generated>, GeneratedError> {
        let entries: Vec<Vec<u8>> = match &self.0 {
            Place::Files(directory) => files(directory)?,
            Place::Shared(store) => {
                let entries = store.list(Group::Generated, &[]).await?;
                entries.into_iter().map(|(_, entry)| entry.value.to_vec()).collect()
            }
        };
        let read = |bytes: &Vec<u8>| serde_json::from_slice::<Generated>(bytes).ok();
        let mut kept: Vec<Generated> = entries.iter().filter_map(read).collect();
        kept.sort_by_key(|generated| generated.at);
        Ok(kept)
    }
}

/// Reads a file and removes it. Of two that try, one gets it.
fn take_file(directory: &Path, run: Uuid) -> Result<Option<Vec<u8>>, GeneratedError> {
    let path = path(directory, run);
    let taken = path.with_extension("taken");
    match fs::rename(&path, &taken) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path)(error)),
    }
    let bytes = fs::read(&taken).map_err(at(&taken))?;
    fs::remove_file(&taken).map_err(at(&taken))?;
    Ok(Some(bytes))
}

fn files(directory: &Path) -> Result<Vec<Vec<u8>>, GeneratedError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(directory)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(directory))?.path();
        if path.extension().is_some_and(|extension| extension == SUFFIX) {
            files.push(fs::read(&path).map_err(at(&path))?);
        }
    }
    Ok(files)
}

fn path(directory: &Path, run: Uuid) -> PathBuf {
    directory.join(run.to_string()).with_extension(SUFFIX)
}

fn key(run: Uuid) -> Key {
    Key::new(Group::Generated, &[&run.to_string()])
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> GeneratedError + '_ {
    |error| GeneratedError::File(path.to_owned(), error)
}

fn damaged(run: Uuid) -> GeneratedError {
    GeneratedError::Damaged(run)
}

/// Omits the secrets.
impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").field("run", &self.run).finish_non_exhaustive()
    }
}
