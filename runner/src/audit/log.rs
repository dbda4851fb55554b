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
use super::writer::{Answer, Message, Writer};

/// How many lines may wait for the disk. A run waits for each of its lines, so it takes as
/// many runs at a time, and a disk that stands still, to fill it.
const QUEUE: usize = 16_384;

/// When a line counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has it: it outlives the process.
    Written,
    /// When it is on the disk: it outlives the machine.
    Synced,
}

/// An audit log that is open for writing. A clone writes to the same one; when the last is
/// dropped, what waits is written and the file is closed.
#[derive(Clone)]
pub struct AuditLog(Arc<Shared>);

struct Shared {
    path: Arc<Path>,
    queue: GroupCommit<Message>,
    healthy: Arc<AtomicBool>,
}

impl AuditLog {
    /// Opens the log in `path`, which no other process can write until it is closed. It is
    /// made when it is not there, for its owner alone. A last line that was cut short is
    /// closed, so that it spoils no other.
    ///
    /// # Errors
    /// When it cannot be read and written, is another process's, or is no audit log.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let path: Arc<Path> = path.into();
        let file = LogFile::open(&path)?;
        let healthy = Arc::new(AtomicBool::new(true));
        let writer = Writer::new(file, path.clone(), healthy.clone());
        let queue = GroupCommit::start("audit-log", QUEUE, || writer)
            .map_err(|reason| AuditError::Open { path: path.clone(), reason: Arc::new(reason) })?;
        Ok(Self(Arc::new(Shared { path, queue, healthy })))
    }

    /// Writes a line; texts that are too long for it are cut. It is on its way when this
    /// returns, behind those that came before, and is not lost when the future is dropped.
    /// The future ends when the line is written.
    ///
    /// # Errors
    /// The future says so when the line is not, or perhaps not, in the log.
    pub fn write(
        &self,
        line: Line,
        durability: Durability,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let queued = match line.into_bytes() {
            Ok(bytes) => self.queue(|answer| Message::Line { bytes, durability, answer }),
            Err(error) => {
                Err(AuditError::Write { path: self.0.path.clone(), reason: Arc::new(error.into()) })
            }
        };
        self.answered(queued)
    }

    /// Opens the path again, for when the file there has been moved away: what was asked for
    /// before is in the old file, what comes after in the new one. The old one stays when
    /// there can be no new one.
    ///
    /// # Errors
    /// The future says what [`AuditLog::open`] would.
    pub fn reopen(&self) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        self.answered(self.queue(|answer| Message::Reopen { answer }))
    }

    /// Whether the last line could be written. After a failure it is tried again every
    /// second, also when no line comes.
    pub fn healthy(&self) -> bool {
        self.0.healthy.load(Ordering::Acquire)
    }

    fn queue(
        &self,
        message: impl FnOnce(Answer) -> Message,
    ) -> Result<oneshot::Receiver<Result<(), AuditError>>, AuditError> {
        let (answer, answered) = oneshot::channel();
        match self.0.queue.send(message(answer)) {
            Ok(()) => Ok(answered),
            Err(Refused::Full) => Err(AuditError::Behind { path: self.0.path.clone() }),
            Err(Refused::Ended) => Err(AuditError::Closed { path: self.0.path.clone() }),
        }
    }

    fn answered(
        &self,
        queued: Result<oneshot::Receiver<Result<(), AuditError>>, AuditError>,
    ) -> impl Future<Output = Result<(), AuditError>> + Send + use<> {
        let path = self.0.path.clone();
        async move { queued?.await.unwrap_or(Err(AuditError::Closed { path })) }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("path", &self.0.path).finish_non_exhaustive()
    }
}
