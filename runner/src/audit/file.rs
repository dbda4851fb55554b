//! The file of a log: private, locked by one process, and append-only.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use disk::lock::Lock;
use disk::replace::sync_name;
use disk::{private, regular};

use super::error::AuditError;
use super::line::Line;
use super::lines::{Lines, Unreadable};

/// The number of lines at the beginning of a file that may be damaged.
const DAMAGED: usize = 16;

/// The file of a log, open and locked.
pub struct LogFile(Lock);

impl LogFile {
    /// Opens and locks a log; creates it, with mode 0600, if it does not exist. The mode of an
    /// existing file is not changed.
    pub fn open(path: &Arc<Path>) -> Result<Self, AuditError> {
        let unopened = |reason| AuditError::Open(path.clone(), Arc::new(reason));
        let mut options = private::file_options();
        options.read(true).append(true);
        let lock = Lock::on(regular::open_with(&options, path).map_err(unopened)?);
        if !lock.try_take().map_err(unopened)? {
            return Err(AuditError::Locked(path.clone()));
        }
        let file = Self(lock);
        let missing = missing(file.0.file()).map_err(unopened)?;
        let missing = missing.map_err(|reason| AuditError::Foreign(path.clone(), reason))?;
        if !missing.is_empty() {
            let unwritable = |reason| AuditError::Write(path.clone(), Arc::new(reason));
            file.complete(&missing, path).map_err(unwritable)?;
        }
        Ok(file)
    }

    /// Appends bytes.
    pub fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.file().write_all(bytes)
    }

    /// Syncs the appended bytes to the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.0.file().sync_data()
    }

    /// Returns whether `path` still names this file; `false` where the system does not show it.
    #[cfg(unix)]
    pub fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;

        let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        match (self.0.file().metadata(), std::fs::metadata(path)) {
            (Ok(file), Ok(path)) => identity(file) == identity(path),
            _ => false,
        }
    }

    #[cfg(not(unix))]
    pub fn is_at(&self, _: &Path) -> bool {
        false
    }

    /// Returns whether the file was deleted. Systems that do not show it keep open files.
    #[cfg(unix)]
    pub fn is_deleted(&self) -> io::Result<bool> {
        Ok(std::os::unix::fs::MetadataExt::nlink(&self.0.file().metadata()?) == 0)
    }

    #[cfg(not(unix))]
    pub fn is_deleted(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Appends the missing bytes, and syncs a new file and its name to the disk.
    fn complete(&self, missing: &[u8], path: &Path) -> io::Result<()> {
        self.append(missing)?;
        self.0.file().sync_all()?;
        sync_name(path)
    }
}

/// Returns the bytes that a file lacks before lines can be appended: its heading, or the end
/// of a truncated line. The inner error states why the file is not a log.
fn missing(mut file: &File) -> io::Result<Result<Vec<u8>, String>> {
    let heading = Line::heading().into_bytes()?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    if length < u64::try_from(heading.len()).unwrap_or(u64::MAX) {
        let mut begun = Vec::new();
        file.read_to_end(&mut begun)?;
        if begun.is_empty() {
            return Ok(Ok(heading));
        }
        if heading.starts_with(&begun) {
            return Ok(Ok([b"\n", heading.as_slice()].concat()));
        }
    }
    let mut reason = "it has only blank lines".to_owned();
    for numbered in Lines::new(BufReader::new(file)).take(DAMAGED) {
        match numbered?.line {
            Ok(_) => {
                let mut last = [0];
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
                return Ok(Ok(if last == *b"\n" { Vec::new() } else { b"\n".to_vec() }));
            }
            Err(unreadable @ Unreadable::Format(_)) => return Ok(Err(unreadable.to_string())),
            Err(unreadable) => reason = unreadable.to_string(),
        }
    }
    Ok(Err(reason))
}
