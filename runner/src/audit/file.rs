//! The file of a log: for its owner alone, one process's at a time, and only ever appended to.

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

/// How many lines at the beginning of a file may be damaged.
const DAMAGED: usize = 16;

/// The file of a log, open and locked.
pub struct LogFile(Lock);

impl LogFile {
    /// Opens a log and holds its lock; makes it, with mode 0600, when it is not there. The
    /// mode of one that is there is its owner's to choose.
    pub fn open(path: &Arc<Path>) -> Result<Self, AuditError> {
        let unopened = |reason| AuditError::Open { path: path.clone(), reason: Arc::new(reason) };
        let mut options = private::file_options();
        options.read(true).append(true);
        let lock = Lock::on(regular::open_with(&options, path).map_err(unopened)?);
        if !lock.try_take().map_err(unopened)? {
            return Err(AuditError::Locked { path: path.clone() });
        }
        let file = Self(lock);
        let missing = missing(file.0.file()).map_err(unopened)?;
        let missing =
            missing.map_err(|reason| AuditError::Foreign { path: path.clone(), reason })?;
        if !missing.is_empty() {
            file.complete(&missing, path).map_err(|reason| AuditError::Write {
                path: path.clone(),
                reason: Arc::new(reason),
            })?;
        }
        Ok(file)
    }

    /// Appends bytes.
    pub fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.file().write_all(bytes)
    }

    /// Waits until what was appended is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.0.file().sync_data()
    }

    /// Whether `path` still leads to this file. Where the system does not say, it does not.
    #[cfg(unix)]
    pub fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;

        let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        match (self.0.file().metadata(), std::fs::metadata(path)) {
            (Ok(file), Ok(path)) => identity(file) == identity(path),
            _ => false,
        }
    }

    /// Whether `path` still leads to this file. Where the system does not say, it does not.
    #[cfg(not(unix))]
    pub fn is_at(&self, _: &Path) -> bool {
        false
    }

    /// Whether no name leads to this file any more, so that it is gone when it is closed.
    #[cfg(unix)]
    pub fn is_deleted(&self) -> io::Result<bool> {
        Ok(std::os::unix::fs::MetadataExt::nlink(&self.0.file().metadata()?) == 0)
    }

    /// Where the system does not say, it deletes no file that is open.
    #[cfg(not(unix))]
    pub fn is_deleted(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Appends what was missing, and makes sure of it: a new file is on the disk, and so is
    /// its name.
    fn complete(&self, missing: &[u8], path: &Path) -> io::Result<()> {
        self.append(missing)?;
        self.0.file().sync_all()?;
        sync_name(path)
    }
}

/// What a file lacks before lines can be appended: its heading, or the end of a line that was
/// cut short. Or else why it is no log: whoever names a wrong file keeps it as it was.
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
    let mut reason = "it has nothing but blank lines".to_owned();
    for numbered in Lines::new(BufReader::new(file)).take(DAMAGED) {
        match numbered?.line {
            Ok(_) => {
                let mut last = [0];
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
                return Ok(Ok(if last == *b"\n" { Vec::new() } else { b"\n".to_vec() }));
            }
            Err(unreadable @ Unreadable::Format { .. }) => return Ok(Err(unreadable.to_string())),
            Err(unreadable) => reason = unreadable.to_string(),
        }
    }
    Ok(Err(reason))
}
