//! The errors of the store, with their fixes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::private::PrivateDirError;
use disk::regular;
use thiserror::Error;

use crate::store;

/// Why responses cannot be stored.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The directory cannot be created, or other users can access it.
    #[error("responses cannot be stored: {0}")]
    Directory(Arc<PrivateDirError>),
    /// The file cannot be created, read or written.
    #[error("responses cannot be stored in {path}: {reason}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: Arc<io::Error>,
    },
    /// Another process, or another store of this one, has the file open.
    #[error("another server has {path} open", path = .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a store, or is incomplete.
    #[error("the stored responses in {path} are damaged: {reason}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        reason: String,
    },
    /// Another version of the runner wrote the file.
    #[error(
        "the stored responses in {path} have version {found}, which this runner does not support",
        path = .path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: u8,
    },
    /// The machine lacks random numbers or a thread.
    #[error("responses cannot be stored: {0}")]
    Machine(Arc<str>),
    /// The store that processes share cannot be used.
    #[error("responses cannot be stored: {0}")]
    Shared(#[from] store::StoreError),
    /// An entry of the store that processes share is not what this program writes.
    #[error("the stored response {key} is damaged: {reason}")]
    Entry {
        /// The key of the entry.
        key: String,
        /// The damage.
        reason: String,
    },
    /// The writer thread has ended.
    #[error("responses are no longer stored in {path}", path = .path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
}

impl StoreError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Directory(error) => match &**error {
                PrivateDirError::NotPrivate(path) => {
                    format!("Run chmod 700 {}, or name another directory.", path.display())
                }
                PrivateDirError::NotOurs(_) => "Name another directory.".to_owned(),
                PrivateDirError::Io(path, reason) => unusable(path, reason),
            },
            Self::Io { path, reason } => unusable(path, reason),
            Self::InUse { .. } => {
                "End the other server, or give this one a directory of its own.".to_owned()
            }
            Self::Damaged { path, .. } => moved("Restore it from a backup, or move", path),
            Self::OtherVersion { path, .. } => {
                moved("Start the version of the runner that wrote it, or move", path)
            }
            Self::Machine(_) => "Allow the process a thread and random numbers.".to_owned(),
            Self::Shared(error) => error.fix().to_owned(),
            Self::Entry { key, .. } => {
                format!("Start the version of the runner that wrote it, or remove the entry {key}.")
            }
            Self::Stopped { .. } => {
                "Restart the server, which reports the problem with the file.".to_owned()
            }
        }
    }
}

/// Returns a fix that removes the file, without which the server starts with no keys.
fn moved(first: &str, path: &Path) -> String {
    let path = path.display();
    format!("{first} {path} away; the server then treats repeats of earlier requests as new.")
}

fn unusable(path: &Path, reason: &io::Error) -> String {
    let path = path.display();
    match reason.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            format!("Free some space on the disk of {path}, or raise its quota.")
        }
        _ if regular::not_regular(reason).is_some() => {
            format!("Remove {path}, or name another directory.")
        }
        _ => format!("Let this user read and write {path}, or name another directory."),
    }
}
