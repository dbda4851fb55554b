//! Locks between processes, on open files.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// An open file, and the lock on it once [`try_take`](Self::try_take) or [`take`](Self::take)
/// has acquired it.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Creates the lock on `file`, without acquiring it.
    pub fn on(file: File) -> Self {
        Self(file)
    }

    /// Returns the file.
    pub fn file(&self) -> &File {
        &self.0
    }

    /// Acquires the lock unless another holder has it; returns whether it did.
    pub fn try_take(&self) -> io::Result<bool> {
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(reason)) => Err(reason),
        }
    }

    /// Waits until no other holder has the lock, and acquires it.
    pub fn take(&self) -> io::Result<()> {
        self.0.lock()
    }
}

impl Drop for Lock {
    /// Releases the lock. Closing the file is not enough: a child process that is being
    /// started has it open too, for a moment.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Returns the path of the lock file for a file that is replaced as a whole and so cannot
/// hold a lock itself: a hidden file in the same directory.
///
/// # Errors
/// Fails when the path has no file name.
pub fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidFilename)?);
    name.push(".lock");
    Ok(path.with_file_name(name))
}
