//! Writes recordings to files that only their owner can read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disk::private;
use disk::replace::{Replacement, Synced};
use thiserror::Error;

use super::har::{Har, HarError};

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub enum FileError {
    /// Another file has the name.
    #[error("{} exists already and is not a recording, so it is not replaced", .0.display())]
    Taken(PathBuf, #[source] HarError),
    /// The file or its directory is not writable.
    #[error("the recording {} cannot be written: {}", .0.display(), .1)]
    Write(PathBuf, io::Error),
}

/// Checks before a run that its recording can be written to `path`. Only another recording is
/// replaced.
pub fn check(path: &Path) -> Result<(), FileError> {
    if path.exists() {
        Har::read(path).map_err(|source| FileError::Taken(path.to_owned(), source))?;
    }
    replacement(path).map(drop).map_err(|reason| FileError::Write(path.to_owned(), reason))
}

/// Writes a recording atomically, with mode 0600.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let write = || {
        let mut file = replacement(path)?;
        file.write_all(bytes)?;
        file.commit(Synced::Content)
    };
    write().map_err(|reason| FileError::Write(path.to_owned(), reason))
}

fn replacement(path: &Path) -> io::Result<Replacement> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    Replacement::of(path)
}

/// Creates a directory for recordings that only its owner can enter.
pub fn make_directory(path: &Path) -> Result<(), FileError> {
    private::create_dir(path).map_err(|reason| FileError::Write(path.to_owned(), reason))
}
