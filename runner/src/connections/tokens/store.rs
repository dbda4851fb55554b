//! The store of tokens: that of this machine, or one that processes share.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use disk::lock::Lock;
use disk::private::PrivateDirError;
use disk::regular;
use disk::user_dir::{UserDir, UserDirError};
use thiserror::Error;

use super::local::Local;
use super::shared::Shared;
use super::shared::lock::EntryLock;
use super::stored::Stored;
use crate::report::{Kind, Report};
use crate::store;

/// The environment variable that names another directory.
const VARIABLE: &str = UserDir::State.variable();

/// Why tokens cannot be stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The user has no home directory.
    #[error("there is no state directory for tokens")]
    NoDirectory,
    /// A file of the directory cannot be created, read or written.
    #[error("tokens cannot be kept in {path}: {1}", path = .0.display())]
    Io(PathBuf, io::Error),
    /// The directory cannot be created, or is not private.
    #[error("tokens cannot be kept: {0}")]
    Directory(#[from] PrivateDirError),
    /// Another process holds the lock file for too long.
    #[error("another process holds {path} and does not release it", path = .0.display())]
    Locked(PathBuf),
    /// The keyring cannot be reached, or refuses the tokens.
    #[error("the system's keyring cannot keep tokens: {0}")]
    Keyring(String),
    /// This program was built without the feature `keyring`.
    #[error("this build of the program cannot keep tokens in the system's keyring")]
    NoKeyring,
    /// The store that processes share cannot be used.
    #[error(transparent)]
    Shared(#[from] store::StoreError),
    /// Another process renews the tokens for too long.
    #[error("another process renews the tokens of the connection, and does not finish")]
    Renewing,
    /// The store that processes share has other tokens than when they were read.
    #[error("other processes have replaced the tokens of the connection meanwhile")]
    Outdated,
    /// The entry of the store that processes share is not what this program writes.
    #[error("the entry {0} has no tokens that this program can read")]
    Entry(String),
}

impl StoreError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NoDirectory => format!("Name a directory in {VARIABLE}."),
            Self::Directory(PrivateDirError::NotPrivate(path)) => {
                format!(
                    "Run chmod 700 {}, or name another directory in {VARIABLE}.",
                    path.display()
                )
            }
            Self::Directory(PrivateDirError::NotOurs(_)) => {
                format!("Name another directory in {VARIABLE}.")
            }
            Self::Io(path, reason) => unusable(path, reason),
            Self::Directory(PrivateDirError::Io(path, reason)) => match reason.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => no_space(),
                _ => format!(
                    "Make {} a directory that this user can write to, or name another one in {VARIABLE}.",
                    path.display()
                ),
            },
            Self::Locked(_) => "Wait for the other process, or end it, then run again.".to_owned(),
            Self::Keyring(_) => {
                "Unlock or start the keyring, or set token-store = \"file\" for the connection."
                    .to_owned()
            }
            Self::NoKeyring => {
                "Build the program with --features keyring, or set token-store = \"file\" for the connection."
                    .to_owned()
            }
            Self::Shared(error) => error.fix().to_owned(),
            Self::Renewing => {
                "Run again; if it fails again, check the log of the other processes.".to_owned()
            }
            Self::Outdated => "Run again.".to_owned(),
            Self::Entry(_) => {
                "Use the same version of the program in all processes, or remove the entry and sign in again."
                    .to_owned()
            }
        }
    }
}

/// Returns the fix for an unusable file.
fn unusable(path: &Path, reason: &io::Error) -> String {
    let path = path.display();
    match reason.kind() {
        kind if kind == ErrorKind::IsADirectory || regular::not_regular(reason).is_some() => {
            format!("Remove {path}, or name another directory in {VARIABLE}.")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => no_space(),
        _ => format!(
            "Let this user read and write {path} and its directory, or name another one in {VARIABLE}."
        ),
    }
}

fn no_space() -> String {
    format!("Free some space there, or name a directory on another disk in {VARIABLE}.")
}

/// Returns the warning about a file that others could read.
pub(super) fn was_shared(mode: u32) -> String {
    format!(
        "stored tokens could be read by others (mode {mode:04o}), which is corrected; if others had access to the directory, sign out all sessions in the tenant"
    )
}

impl From<UserDirError> for StoreError {
    fn from(error: UserDirError) -> Self {
        match error {
            UserDirError::NoDirectory(_) => Self::NoDirectory,
            UserDirError::Io(_, path, reason) => Self::Io(path, reason),
        }
    }
}

impl From<StoreError> for Report {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Shared(_) | StoreError::Renewing | StoreError::Outdated => {
                Kind::Unavailable
            }
            _ => Kind::Environment,
        };
        Self::new(kind, error.to_string(), error.fix())
    }
}

/// The store of the tokens of one key.
pub enum Store {
    /// The one of this machine.
    Local(Local),
    /// One that processes share.
    Shared(Shared),
}

/// The lock of tokens, until it is dropped.
pub enum Locked {
    /// Among the processes of this machine.
    Local { _lock: Lock },
    /// Among those that share a store.
    Shared { _lock: EntryLock },
}

impl Store {
    /// Locks the tokens between processes.
    pub async fn lock(&self) -> Result<Locked, StoreError> {
        Ok(match self {
            Self::Local(local) => Locked::Local { _lock: local.lock().await? },
            Self::Shared(shared) => Locked::Shared { _lock: shared.lock().await? },
        })
    }

    /// Reads the tokens. The warnings report what is wrong with those of this machine.
    pub async fn load(&self) -> Result<(Stored, Vec<String>), StoreError> {
        match self {
            Self::Local(local) => local.load().await,
            Self::Shared(shared) => shared.load().await,
        }
    }

    /// Replaces the tokens as a whole.
    pub async fn save(&self, stored: &mut Stored) -> Result<(), StoreError> {
        match self {
            Self::Local(local) => local.save(stored).await,
            Self::Shared(shared) => shared.save(stored).await,
        }
    }
}
