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

/// How the file of a secret gives access to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its permission bits.
    pub mode: u32,
    /// The permission bits that close it: those of a file of this user, or of root.
    pub closed: u32,
}

/// Returns how the file of a secret gives access to others, if it does.
///
/// Only its owner may have access. A group may also read a file of root: Kubernetes gives the
/// files of a volume to root and to the group of the pod, and systemd gives the user of a service
/// access to a credential by an access list, which shows as the bits of the group. PostgreSQL has
/// the same rule for the keys of its clients.
pub fn exposure(metadata: &Metadata) -> Option<Exposure> {
    #[cfg(unix)]
    {
        const ROOT: u32 = 0;
        let owner = std::os::unix::fs::MetadataExt::uid(metadata);
        let mode = shared_mode(metadata)?;
        if owner == ROOT && mode & 0o037 == 0 {
            return None;
        }
        let is_roots_alone = owner == ROOT && !rustix::process::geteuid().is_root();
        Some(Exposure { mode, closed: if is_roots_alone { 0o640 } else { 0o600 } })
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
