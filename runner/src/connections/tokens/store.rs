//! The store of tokens: files or the system's keyring, behind one lock.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use disk::lock::Lock;
use disk::private::PrivateDirError;
use disk::regular;
use disk::user_dir::{UserDir, UserDirError};
use thiserror::Error;

use super::directory::Directory;
use super::keyring;
use super::stored::{Key, Stored};
use crate::connections::config::TokenStore;
use crate::report::{Kind, Report};

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

fn was_shared(mode: u32) -> String {
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
        Self::new(Kind::Environment, error.to_string(), error.fix())
    }
}

/// The store of one key.
pub struct Store {
    key: Key,
    directory: Directory,
    kind: TokenStore,
}

impl Store {
    /// Opens the store of `key`. The lock is in the directory, also for a keyring.
    pub fn open(kind: TokenStore, key: Key, directory: Option<&Path>) -> Result<Self, StoreError> {
        Ok(Self { key, directory: Directory::open(directory)?, kind })
    }

    /// Locks the tokens between processes.
    pub async fn lock(&self) -> Result<Lock, StoreError> {
        self.directory.lock(&self.key.name()).await
    }

    /// Reads the tokens. The warnings report that others could read them, or that they were
    /// damaged and set aside.
    pub async fn load(&self) -> Result<(Stored, Vec<String>), StoreError> {
        let name = self.key.name();
        let mut warnings = Vec::new();
        let bytes = match self.kind {
            TokenStore::File => self.directory.read(&name)?.map(|kept| {
                warnings.extend(kept.shared.map(was_shared));
                kept.bytes
            }),
            TokenStore::Keyring => keyring::read(name.clone()).await?,
        };
        let Some(bytes) = bytes else { return Ok((Stored::default(), warnings)) };
        if let Some(stored) = Stored::read(&bytes, &self.key) {
            return Ok((stored, warnings));
        }
        let damaged = match self.kind {
            TokenStore::File => {
                let aside = self.directory.set_aside(&name)?;
                format!("stored tokens were damaged and set aside as {}", aside.display())
            }
            TokenStore::Keyring => "stored tokens were damaged and are not used".to_owned(),
        };
        warnings.push(damaged);
        Ok((Stored::default(), warnings))
    }

    /// Replaces the tokens as a whole. For files there is no await, so nothing can interrupt the
    /// storing of a new refresh token.
    pub async fn save(&self, stored: &Stored) -> Result<(), StoreError> {
        let (name, small) = (self.key.name(), self.kind == TokenStore::Keyring);
        let bytes = stored
            .write(&self.key, small)
            .map_err(|error| StoreError::Io(name.clone().into(), error.into()))?;
        match self.kind {
            TokenStore::File => self.directory.write(&name, &bytes),
            TokenStore::Keyring => keyring::write(name, bytes).await,
        }
    }
}
