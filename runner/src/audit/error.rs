//! Why a line is not in the log.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use disk::regular;
use thiserror::Error;

/// Why a log cannot be opened, or a line is not in it. Many callers can have the same one.
#[derive(Clone, Debug, Error)]
pub enum AuditError {
    /// It cannot be opened or read.
    #[error("the audit log {} cannot be opened: {reason}", path.display())]
    Open {
        /// The file.
        path: Arc<Path>,
        /// Why.
        reason: Arc<io::Error>,
    },
    /// Another process has it open, or this one has, a second time.
    #[error("the audit log {} is being written by another process", path.display())]
    Locked {
        /// The file.
        path: Arc<Path>,
    },
    /// What is in the file is something else.
    #[error("{} is no audit log, and is left as it is: {reason}", path.display())]
    Foreign {
        /// The file.
        path: Arc<Path>,
        /// What it lacks.
        reason: String,
    },
    /// It does not take what is to be written.
    #[error("the audit log {} cannot be written: {reason}", path.display())]
    Write {
        /// The file.
        path: Arc<Path>,
        /// Why.
        reason: Arc<io::Error>,
    },
    /// So many lines wait for the disk that no more are taken.
    #[error("the audit log {} is too far behind: its disk is too slow or stuck", path.display())]
    Behind {
        /// The file.
        path: Arc<Path>,
    },
    /// Nothing is written any more.
    #[error("the audit log {} has been closed", path.display())]
    Closed {
        /// The file.
        path: Arc<Path>,
    },
}

impl AuditError {
    /// What to do about it, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Open { path, reason } | Self::Write { path, reason } => {
                unusable(&path.display().to_string(), reason)
            }
            Self::Locked { .. } => {
                "End the other process, or name another file for this one.".to_owned()
            }
            Self::Foreign { .. } => "Name another file for the audit log.".to_owned(),
            Self::Behind { .. } => {
                "Call again later, and look for what keeps the disk busy.".to_owned()
            }
            Self::Closed { .. } => "Start the program again.".to_owned(),
        }
    }
}

fn unusable(path: &str, reason: &io::Error) -> String {
    match reason.kind() {
        _ if regular::not_regular(reason).is_some() => {
            format!("Remove {path}, or name another file for the audit log.")
        }
        ErrorKind::NotFound => {
            "Make the directory of the audit log, or name a file in another one.".to_owned()
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("Free some space on the disk of {path}.")
        }
        ErrorKind::FileTooLarge => {
            format!("Raise the limit for the size of files, or move {path} away and open it anew.")
        }
        _ => format!("Let this user read and write {path} and its directory."),
    }
}
