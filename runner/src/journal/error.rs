//! Why a journal cannot be used.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::private::PrivateDirError;
use thiserror::Error;

use super::lines::FORMAT;
use crate::context::Stop;
use crate::store::StoreError;
use crate::store::sealing::SealingError;

/// Why a journal cannot be used.
#[derive(Clone, Debug, Error)]
pub enum JournalError {
    /// The directory cannot be used.
    #[error("the directory {path} cannot hold the journals of runs: {1}", path = .0.display())]
    Directory(PathBuf, Arc<PrivateDirError>),
    /// A file cannot be read or created.
    #[error("the journal {path} cannot be opened: {1}", path = .0.display())]
    Open(Arc<Path>, Arc<io::Error>),
    /// Another process has the directory.
    #[error("the journals in {} are in use by another process", .0.display())]
    Locked(PathBuf),
    /// A file has another format.
    #[error("the format of the journal {path} is {1}, and this program reads {FORMAT}", path = .0.display())]
    Format(Arc<Path>, String),
    /// A record cannot be written.
    #[error("the journal {path} cannot be written: {1}", path = .0.display())]
    Write(Arc<Path>, Arc<io::Error>),
    /// A record is no JSON.
    #[error("a record of a journal cannot be written as JSON: {0}")]
    Record(Arc<io::Error>),
    /// The disk is too slow for the records.
    #[error("too many records wait for the disk of the journals")]
    Behind,
    /// An earlier record of the run could not be written.
    #[error("an earlier record of the run could not be written to its journal")]
    Broken,
    /// Another process has taken the run over.
    #[error("another process has taken the run over")]
    Taken,
    /// The process did not hold its runs for some time, and the run has sent no write.
    #[error("this process lost its lease in the store, and the run had made no changes")]
    Lapsed,
    /// The store that processes share cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be sealed.
    #[error("a record of a journal cannot be sealed: {0}")]
    Sealing(#[from] SealingError),
    /// The records of a run are not those that were written.
    #[error("the journal of the run is damaged: {0}")]
    Damaged(String),
    /// The thread that writes has ended.
    #[error("the journals are closed")]
    Closed,
}

impl JournalError {
    /// Returns the fix.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Directory(..) => "Set O365_STATE_DIR to a private directory (chmod 700).",
            Self::Open(..) => "Make the file readable and writable for this user.",
            Self::Locked(_) => "Stop the other server, or set O365_STATE_DIR to another directory.",
            Self::Format(..) => {
                "Use the program that wrote it, or move the file away: its runs do not go on then."
            }
            Self::Damaged(_) => {
                "Look at what the run has done, and call again for what is missing."
            }
            Self::Taken => "Wait for its outcome: the other process continues the run.",
            Self::Lapsed => "Call again.",
            Self::Store(error) => error.fix(),
            Self::Write(..)
            | Self::Record(_)
            | Self::Sealing(_)
            | Self::Behind
            | Self::Broken
            | Self::Closed => {
                "Free space on the disk of the state directory, and make sure that it is writable."
            }
        }
    }
}

/// Why a run ends whose journal cannot be written.
impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Taken => Self::Taken,
            JournalError::Lapsed | JournalError::Store(_) => Self::Store(error.to_string()),
            error => Self::Audit(error.to_string()),
        }
    }
}
