//! Opening files that are files: a pipe would hold the run until somebody writes into it,
//! and a device may have no end.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use thiserror::Error;

/// What is there is something else than a file.
#[derive(Clone, Copy, Debug, Error)]
pub enum NotRegular {
    /// A directory.
    #[error("it is a directory, not a file")]
    Directory,
    /// A pipe, a socket or a device.
    #[error("it is a pipe or a device, not a regular file")]
    Special,
}

/// Opens a file for reading.
///
/// # Errors
/// The system's, or [`NotRegular`].
pub fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Opens a file with these options, which may make it.
///
/// # Errors
/// The system's, or [`NotRegular`].
pub fn open_with(options: &OpenOptions, path: &Path) -> io::Result<File> {
    // Before it is opened, which waits at a pipe; and once more after that, for then it can
    // be no other one.
    if let Ok(metadata) = fs::metadata(path) {
        check(&metadata)?;
    }
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Why there is no regular file, when that is what an error says.
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
