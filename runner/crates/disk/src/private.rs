//! Files and directories that only their owner can reach. Systems without permission bits
//! have other means for this, and nothing is checked or changed there.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a directory cannot be used.
#[derive(Debug, Error)]
pub enum PrivateDirError {
    /// It cannot be created or written.
    #[error("{path}: {reason}", path = .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Others have access to it, and may have put files into it.
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

/// Creates the directory, with mode 0700, if it does not exist, and checks that only this
/// user has access to it.
///
/// # Errors
/// When it cannot be created or written, others have access to it, or another user owns it.
pub fn open_dir(path: &Path) -> Result<(), PrivateDirError> {
    let failed = |reason| PrivateDirError::Io { path: path.to_owned(), reason };
    create_dir(path).map_err(failed)?;
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if shared_mode(&metadata).is_some() {
        return Err(PrivateDirError::NotPrivate { path: path.to_owned() });
    }
    match is_ours(path, &metadata).map_err(failed)? {
        true => Ok(()),
        false => Err(PrivateDirError::NotOurs { path: path.to_owned() }),
    }
}

/// Creates the directory and its parents, with mode 0700, if they do not exist.
pub fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options that open a file for writing, and create it, with mode 0600, if it does not exist.
pub fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Gives a file that exists mode 0600.
#[cfg(unix)]
pub fn close_to_others(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// Gives a file that exists mode 0600.
#[cfg(not(unix))]
pub fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

/// The permission bits of a file or a directory, if they give others access to it.
#[cfg(unix)]
pub fn shared_mode(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// The permission bits of a file or a directory, if they give others access to it.
#[cfg(not(unix))]
pub fn shared_mode(_: &Metadata) -> Option<u32> {
    None
}

/// Whether this user owns a directory. A file that this user creates in it says who the user
/// is.
#[cfg(unix)]
fn is_ours(path: &Path, metadata: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let probe = tempfile::NamedTempFile::new_in(path)?.as_file().metadata()?;
    Ok(probe.uid() == metadata.uid())
}

#[cfg(not(unix))]
fn is_ours(_: &Path, _: &Metadata) -> io::Result<bool> {
    Ok(true)
}
