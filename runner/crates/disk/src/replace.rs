//! Replacing a file as a whole: whenever the process is killed, a reader finds either the old
//! content or the new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::directory_of;

/// What is synced to the disk when a file is replaced, and so survives a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Nothing: for files whose readers detect and discard a damaged one.
    Nothing,
    /// The new content. After a crash the path may still name the old one.
    Content,
    /// The new content and the directory entry that names it.
    ContentAndName,
}

/// The new content of a file. Dropping it leaves the file as it was.
#[derive(Debug)]
pub struct Replacement {
    new: NamedTempFile,
    path: PathBuf,
}

impl Replacement {
    /// Creates the new content of the file at `path`, which need not exist: a hidden file in
    /// the same directory, with mode 0600 regardless of the umask.
    pub fn of(path: &Path) -> io::Result<Self> {
        let new = Builder::new().prefix(".").suffix(".part").tempfile_in(directory_of(path))?;
        Ok(Self { new, path: path.to_owned() })
    }

    /// Returns the new file, to set its owner and its permissions.
    pub fn file(&self) -> &File {
        self.new.as_file()
    }

    /// Replaces the old content by the new one. A link at the path is itself replaced.
    ///
    /// # Errors
    /// Unless syncing the directory fails, the file is unchanged after an error.
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

/// Syncs the directory entry of `path` to the disk. Only Unix has, and needs, this operation.
pub fn sync_name(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory_of(path))?.sync_all() } else { Ok(()) }
}
