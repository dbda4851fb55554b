//! The log that runs write to.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use disk::group::{GroupCommit, Refused};
use tokio::sync::oneshot;

use super::error::AuditError;
use super::file::LogFile;
use super::line::Line;
use super::writer::{Message, Outcome, Writer};

/// The number of lines that may wait for the disk. A run waits for each of its lines, so only
/// this many concurrent runs and a stuck disk fill the queue.
const QUEUE: usize = 16_384;

/// When a line counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has it: it survives a crash of the process.
    Written,
    /// When it is on the disk: it survives a crash of the machine.
    Synced,
}

/// An audit log that is open for writing. Clones share it; dropping the last one writes the
/// queued lines and closes the file.
#[derive(Clone)]
pub struct AuditLog(Arc<Shared>);

struct Shared {
    path: Arc<Path>,
    queue: GroupCommit<Message>,
    healthy: Arc<AtomicBool>,
}

impl AuditLog {
    /// Opens and locks the log at `path`, or creates it with mode 0600. A truncated last line
    /// is ended, so that it does not damage the next one.
    ///
    /// # Errors
    /// Fails when the file cannot be read and written, is locked, or is not an audit log.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let path: Arc<Path> = path.into();
        let file = LogFile::open(&path)?;
        let healthy = Arc::new(AtomicBool::new(true));
        let writer = Writer::new(file, path.clone(), healthy.clone());
        let queue = GroupCommit::start("audit-log", QUEUE, || writer)
            .map_err(|reason| AuditError::Open(path.clone(), Arc::new(reason)))?;
        Ok(Self(Arc::new(Shared { path, queue, healthy })))
    }

    /// Writes a line; texts that are too long are cut. The line is queued when this returns,
    /// and is written even if the future is dropped. The future resolves when the line is
    /// written.
    ///
    /// # Errors
    /// The future fails when the line is not, or perhaps not, in the log.
    pub fn write(
        &self,
        line: Line,
        durability: Durability,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let queued = match line.into_bytes() {
            Ok(bytes) => self.queue(|outcome| Message::Line { bytes, durability, outcome }),
            Err(error) => Err(AuditError::Write(self.0.path.clone(), Arc::new(error.into()))),
        };
        self.outcome(queued)
    }

    /// Opens the path again, after the file there was moved away: earlier lines are in the old
    /// file, later ones in the new. If there can be no new file, the old one stays in use.
    ///
    /// # Errors
    /// The future fails as [`AuditLog::open`] does.
    pub fn reopen(&self) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        self.outcome(self.queue(|outcome| Message::Reopen { outcome }))
    }

    /// Returns the path of the log.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns whether the last line was written. After a failure the file is tried again
    /// every second, even without a new line.
    pub fn healthy(&self) -> bool {
        self.0.healthy.load(Ordering::Acquire)
    }

    fn queue(
        &self,
        message: impl FnOnce(Outcome) -> Message,
    ) -> Result<oneshot::Receiver<Result<(), AuditError>>, AuditError> {
        let (sender, outcome) = oneshot::channel();
        match self.0.queue.send(message(sender)) {
            Ok(()) => Ok(outcome),
            Err(Refused::Full) => Err(AuditError::Behind(self.0.path.clone())),
            Err(Refused::Ended) => Err(AuditError::Closed(self.0.path.clone())),
        }
    }

    fn outcome(
        &self,
        queued: Result<oneshot::Receiver<Result<(), AuditError>>, AuditError>,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let path = self.0.path.clone();
        async move { queued?.await.unwrap_or(Err(AuditError::Closed(path))) }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("path", &self.0.path).finish_non_exhaustive()
    }
}
