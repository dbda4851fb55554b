//! Opening regular files: reading a pipe would block until another process writes to it, and
//! a device may have no end.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// The path names something other than a regular file.
#[derive(Clone, Copy, Debug, Error)]
pub enum NotRegular {
    /// A directory.
    #[error("it is a directory, not a file")]
    Directory,
    /// A pipe, a socket or a device.
    #[error("it is a pipe or a device, not a regular file")]
    Special,
}

/// Opens a regular file for reading.
///
/// # Errors
/// Fails with the error of the system, or with [`NotRegular`], as all functions here.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Opens a regular file with these options, which may create it.
pub fn open_with(options: &OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a pipe blocks, so the check comes first. It is repeated on the open file, since
    // another process may have replaced the file in between.
    if let Ok(metadata) = fs::metadata(path) {
        check(&metadata)?;
    }
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads at most the first `limit` bytes of a regular file.
pub fn read_start(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the [`NotRegular`] in an error, if it is one.
pub fn not_regular(error: &io::Error) -> Option<NotRegular> {
    error.get_ref()?.downcast_ref().copied()
}

fn check(metadata: &Metadata) -> io::Result<()> {
    let what = match metadata {
        file if file.is_file() => return Ok(()),
        directory if directory.is_dir() => NotRegular::Directory,
        _ => NotRegular::Special,
    };
    Err(io::Error::other(what))
}
