//! Replacing a file as a whole: a reader, and a process that is killed at any moment, finds
//! the old content or the new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::directory_of;

/// What is on the disk when a file has been replaced, and so outlives the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Nothing: for files whose readers detect and discard a damaged one.
    Nothing,
    /// The new content. After a crash of the machine the path may lead to the old one.
    Content,
    /// The new content, and that the path leads to it.
    ContentAndName,
}

/// The new content of a file. Dropping it leaves the file as it was.
#[derive(Debug)]
pub struct Replacement {
    new: NamedTempFile,
    path: PathBuf,
}

impl Replacement {
    /// Starts the new content of the file at `path`, which need not exist: a hidden file in
    /// the same directory, with mode 0600 whatever the umask is.
    pub fn of(path: &Path) -> io::Result<Self> {
        let new = Builder::new().prefix(".").suffix(".part").tempfile_in(directory_of(path))?;
        Ok(Self { new, path: path.to_owned() })
    }

    /// The new file, for its owner and its permissions.
    pub fn file(&self) -> &File {
        self.new.as_file()
    }

    /// Puts the new content in place of the old one. A link at the path is replaced itself.
    ///
    /// # Errors
    /// The system's. Unless it is the directory that cannot be synced, the file is as it was.
    pub fn commit(self, synced: Synced) -> io::Result<()> {
        if synced != Synced::Nothing {
            self.file().sync_all()?;
        }
        self.new.persist(&self.path)?;
        if synced == Synced::ContentAndName { sync_name(&self.path) } else { Ok(()) }
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.new.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.new.flush()
    }
}

/// Replaces the file at `path` with one of mode 0600 that holds `bytes`.
pub fn replace(path: &Path, bytes: &[u8], synced: Synced) -> io::Result<()> {
    let mut new = Replacement::of(path)?;
    new.write_all(bytes)?;
    new.commit(synced)
}

/// Waits until it is on the disk which file `path` leads to.
#[cfg(unix)]
pub fn sync_name(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

/// Other systems have no such operation, and need none.
#[cfg(not(unix))]
pub fn sync_name(_: &Path) -> io::Result<()> {
    Ok(())
}
