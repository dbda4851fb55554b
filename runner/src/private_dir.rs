//! Directories that this user alone can reach, and directories on the disk.

use std::fs::DirBuilder;
#[cfg(unix)]
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a directory cannot be used.
#[derive(Debug, Error)]
pub enum PrivateDirError {
    /// It cannot be made or written.
    #[error("{path}: {reason}", path = .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Others can reach it, and may have put something into it.
    #[error("others have access to {path}", path = .path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
    },
    /// It belongs to another user.
    #[error("{path} belongs to another user", path = .path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
}

/// Makes the directory when it is not there; refuses one that is not this user's alone.
pub fn open(path: &Path) -> Result<(), PrivateDirError> {
    let failed = |reason| PrivateDirError::Io { path: path.to_owned(), reason };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed)?;
    #[cfg(unix)]
    check(path, &std::fs::metadata(path).map_err(failed)?)?;
    Ok(())
}

/// Makes sure that it is on the disk which files are in a directory, under which names.
#[cfg(unix)]
pub fn sync(directory: &Path) -> io::Result<()> {
    std::fs::File::open(directory)?.sync_all()
}

/// Where the system has no such thing, it sees to it by itself.
#[cfg(not(unix))]
pub fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn check(path: &Path, metadata: &Metadata) -> Result<(), PrivateDirError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(PrivateDirError::NotPrivate { path: path.to_owned() });
    }
    // A file that we make is ours: its owner says who we are.
    let owner = tempfile::NamedTempFile::new_in(path)
        .and_then(|file| file.as_file().metadata())
        .map(|probe| probe.uid());
    match owner {
        Ok(owner) if owner == metadata.uid() => Ok(()),
        Ok(_) => Err(PrivateDirError::NotOurs { path: path.to_owned() }),
        Err(reason) => Err(PrivateDirError::Io { path: path.to_owned(), reason }),
    }
}
