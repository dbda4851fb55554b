//! Recordings as files: whole or not at all, and for nobody else to read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;
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
    temporary(path).map(|_| ()).map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}

/// Writes a recording with mode 0600, whole or not at all: beside its place first.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let written = || -> io::Result<()> {
        let mut file = temporary(path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}

fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Builder::new().prefix(".").suffix(".har.part").tempfile_in(directory.unwrap_or(Path::new(".")))
}

/// Makes a directory for recordings, which only its owner can enter.
pub fn make_directory(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|reason| FileError::Write { path: path.to_owned(), reason })
}
