//! Files and directories that only their owner can access. Systems without permission bits
//! protect them by other means; nothing is checked or changed there.

#![cfg_attr(not(unix), allow(unused_variables, reason = "there are no permission bits"))]

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a directory cannot be used.
#[derive(Debug, Error)]
pub enum PrivateDirError {
    /// It cannot be created or written.
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, io::Error),
    /// Other users have access to it, and may have put files into it.
    #[error("others have access to {path}", path = .0.display())]
    NotPrivate(PathBuf),
    /// It belongs to another user.
    #[error("{path} belongs to another user", path = .0.display())]
    NotOurs(PathBuf),
}

/// Creates the directory, with mode 0700, if it does not exist, and checks that only this
/// user has access to it.
pub fn open_dir(path: &Path) -> Result<(), PrivateDirError> {
    let failed = |reason| PrivateDirError::Io(path.to_owned(), reason);
    create_dir(path).map_err(failed)?;
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if shared_mode(&metadata).is_some() {
        return Err(PrivateDirError::NotPrivate(path.to_owned()));
    }
    match is_ours(path, &metadata).map_err(failed)? {
        true => Ok(()),
        false => Err(PrivateDirError::NotOurs(path.to_owned())),
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

/// Gives an existing file mode 0600.
pub fn close_to_others(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Returns the permission bits of a file or a directory, if they give other users access.
pub fn shared_mode(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    None
}

/// Returns whether this user owns a directory, by the owner of a file created in it.
fn is_ours(path: &Path, metadata: &Metadata) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        let probe = tempfile::NamedTempFile::new_in(path)?.as_file().metadata()?;
        Ok(probe.uid() == metadata.uid())
    }
    #[cfg(not(unix))]
    Ok(true)
}
