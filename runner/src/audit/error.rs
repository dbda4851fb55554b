//! Why a line is not in the log.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use disk::regular;
use thiserror::Error;

/// Why a log cannot be opened, or a line is not in it. Several callers can receive the same
/// error.
#[derive(Clone, Debug, Error)]
pub enum AuditError {
    /// The file cannot be opened or read.
    #[error("the audit log {path} cannot be opened: {1}", path = .0.display())]
    Open(Arc<Path>, Arc<io::Error>),
    /// Another process has the file open, or this one opens it a second time.
    #[error("the audit log {path} is being written by another process", path = .0.display())]
    Locked(Arc<Path>),
    /// The file is not an audit log, for this reason.
    #[error("{path} is not an audit log, and is left unchanged: {1}", path = .0.display())]
    Foreign(Arc<Path>, String),
    /// The file cannot be written.
    #[error("the audit log {path} cannot be written: {1}", path = .0.display())]
    Write(Arc<Path>, Arc<io::Error>),
    /// The queue of lines is full.
    #[error("the audit log {path} is too far behind: its disk is too slow or stuck", path = .0.display())]
    Behind(Arc<Path>),
    /// The thread that writes has ended.
    #[error("the audit log {path} has been closed", path = .0.display())]
    Closed(Arc<Path>),
}

impl AuditError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Open(path, reason) | Self::Write(path, reason) => unusable(path, reason),
            Self::Locked(_) => {
                "End the other process, or name another file for this one.".to_owned()
            }
            Self::Foreign(..) => "Name another file for the audit log.".to_owned(),
            Self::Behind(_) => {
                "Call again later, and find out what keeps the disk busy.".to_owned()
            }
            Self::Closed(_) => "Start the program again.".to_owned(),
        }
    }
}

fn unusable(path: &Path, reason: &io::Error) -> String {
    let path = path.display();
    match reason.kind() {
        _ if regular::not_regular(reason).is_some() => {
            format!("Remove {path}, or name another file for the audit log.")
        }
        ErrorKind::NotFound => {
            "Create the directory of the audit log, or name a file in another one.".to_owned()
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("Free some space on the disk of {path}.")
        }
        ErrorKind::FileTooLarge => {
            format!("Raise the limit for the size of files, or move {path} away and open it again.")
        }
        _ => format!("Let this user read and write {path} and its directory."),
    }
}
