//! Why answers cannot be kept, and the fix.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::private::PrivateDirError;
use disk::regular;
use thiserror::Error;

/// Why answers cannot be kept.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The directory cannot be made, or is not this user's alone.
    #[error("answers cannot be kept: {0}")]
    Directory(Arc<PrivateDirError>),
    /// The file cannot be made, read or written.
    #[error("answers cannot be kept in {path}: {reason}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Arc<io::Error>,
    },
    /// Another process, or another store of this one, has the file open.
    #[error("another server has {path} open", path = .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is no store of answers, or not whole.
    #[error("the kept answers in {path} are damaged: {reason}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written by another version of the runner.
    #[error(
        "the kept answers in {path} are of version {found}, and not of a version that this runner reads",
        path = .path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version that it says.
        found: u8,
    },
    /// The machine has no random numbers for the key of the digests, or no thread.
    #[error("answers cannot be kept: {0}")]
    Machine(Arc<str>),
    /// The thread that writes has ended.
    #[error("answers are no longer kept in {path}", path = .path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
}

impl StoreError {
    /// What to do about it, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Directory(error) => match &**error {
                PrivateDirError::NotPrivate { path } => {
                    format!("Run chmod 700 {}, or name another directory.", path.display())
                }
                PrivateDirError::NotOurs { .. } => "TenantKey another directory.".to_owned(),
                PrivateDirError::Io { path, reason } => unusable(path, reason),
            },
            Self::Io { path, reason } => unusable(path, reason),
            Self::InUse { .. } => {
                "End the other server, or give this one a directory of its own.".to_owned()
            }
            Self::Damaged { path, .. } => moved("Restore it from a backup, or move", path),
            Self::OtherVersion { path, .. } => {
                moved("Start the version of the runner that wrote it, or move", path)
            }
            Self::Machine(_) => "Let the process have a thread and random numbers.".to_owned(),
            Self::Stopped { .. } => {
                "Start the server again; it says what is wrong with the file.".to_owned()
            }
        }
    }
}

/// Without the file the server starts, and knows no key.
fn moved(first: &str, path: &Path) -> String {
    let path = path.display();
    format!("{first} {path} away, after which no repeat of an earlier request is known as one.")
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
