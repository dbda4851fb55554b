//! Recordings as files: whole or not at all, and for nobody else to read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disk::private;
use disk::replace::{Replacement, Synced};
use thiserror::Error;

use super::har::{Har, HarError};

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub enum FileError {
    /// Something else has the name.
    #[error("{} is there already and is no recording, so it is not replaced", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it as a recording.
        source: HarError,
    },
    /// It cannot be written there.
    #[error("the recording {} cannot be written: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
}

/// Whether a recording can be written to `path`: a run should know before it begins. A file
/// that is there is replaced only if it is a recording (HAR) itself.
pub fn check(path: &Path) -> Result<(), FileError> {
    if path.exists() {
        Har::read(path).map_err(|source| FileError::Taken { path: path.to_owned(), source })?;
    }
    replacement(path)
        .map(|_| ())
        .map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}

/// Writes a recording with mode 0600, whole or not at all: beside its place first.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let written = || -> io::Result<()> {
        let mut file = replacement(path)?;
        file.write_all(bytes)?;
        file.commit(Synced::Content)
    };
    written().map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}

fn replacement(path: &Path) -> io::Result<Replacement> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    Replacement::of(path)
}

/// Makes a directory for recordings, which only its owner can enter.
pub fn make_directory(path: &Path) -> Result<(), FileError> {
    private::create_dir(path).map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}
