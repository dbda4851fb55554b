//! The thread that writes the log: it writes a batch of lines at once, and syncs once.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use disk::group::Commit;
use tokio::sync::oneshot;

use super::error::AuditError;
use super::file::LogFile;
use super::log::Durability;

/// The interval at which a file that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// The sender of an outcome. The line is written even if the receiver was dropped.
pub type Outcome = oneshot::Sender<Result<(), AuditError>>;

/// A request to the thread.
pub enum Message {
    /// Write a line, with its newline.
    Line { bytes: Vec<u8>, durability: Durability, outcome: Outcome },
    /// Open the path again.
    Reopen { outcome: Outcome },
}

/// The file and its state.
pub struct Writer {
    file: LogFile,
    path: Arc<Path>,
    healthy: Arc<AtomicBool>,
    /// Whether the file may end in the middle of a line, since a write has failed.
    torn: bool,
}

/// Lines that are written together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    written: Vec<Outcome>,
    synced: Vec<Outcome>,
}

impl Writer {
    /// Creates the writer of an open file without a truncated line.
    pub fn new(file: LogFile, path: Arc<Path>, healthy: Arc<AtomicBool>) -> Self {
        Self { file, path, healthy, torn: false }
    }

    /// Tries again to write a file after a failure.
    fn retry(&mut self) {
        let tried = self.append(&[]).and_then(|()| self.file.sync());
        self.note(&tried);
    }

    /// Writes lines, and sends the outcomes.
    fn write(&mut self, batch: Batch) {
        if batch.bytes.is_empty() {
            return;
        }
        let written = self.append(&batch.bytes);
        self.note(&written);
        if let Err(reason) = written {
            return self.fail(reason, batch.written.into_iter().chain(batch.synced));
        }
        // These need not wait for the sync.
        succeed(batch.written);
        if batch.synced.is_empty() {
            return;
        }
        let synced = self.file.sync();
        self.note(&synced);
        match synced {
            Ok(()) => succeed(batch.synced),
            Err(reason) => self.fail(reason, batch.synced),
        }
    }

    /// Appends bytes, at the beginning of a line. If the file was deleted, creates a new one.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_deleted()? {
            self.file = LogFile::open(&self.path).map_err(io::Error::other)?;
            self.torn = false;
            tracing::error!(path = %self.path.display(), "the audit log was deleted, and a new one begins");
        }
        if self.torn { self.file.append(&[b"\n", bytes].concat()) } else { self.file.append(bytes) }
    }

    /// Opens the file that the path names now.
    fn reopen(&mut self) -> Result<(), AuditError> {
        if !self.file.is_at(&self.path) {
            self.file = LogFile::open(&self.path)?;
            self.note(&Ok(()));
        }
        Ok(())
    }

    /// Records whether a write succeeded. It precedes the outcomes, so that their receivers
    /// find the new state.
    fn note(&mut self, result: &io::Result<()>) {
        self.torn = result.is_err();
        let was = self.healthy.swap(result.is_ok(), Ordering::AcqRel);
        match result {
            Err(reason) if was => {
                tracing::error!(%reason, path = %self.path.display(), "the audit log cannot be written");
            }
            Ok(()) if !was => {
                tracing::info!(path = %self.path.display(), "the audit log is written again");
            }
            _ => {}
        }
    }

    fn fail(&self, reason: io::Error, outcomes: impl IntoIterator<Item = Outcome>) {
        let error = AuditError::Write(self.path.clone(), Arc::new(reason));
        for outcome in outcomes {
            let _ = outcome.send(Err(error.clone()));
        }
    }
}

impl Commit for Writer {
    type Request = Message;

    const MOST: usize = usize::MAX;

    /// Bounds how long the first line waits for the others.
    const FULL: usize = 1 << 20;

    fn size(message: &Message) -> usize {
        match message {
            Message::Line { bytes, .. } => bytes.len(),
            Message::Reopen { .. } => 0,
        }
    }

    fn patience(&self) -> Option<Duration> {
        self.torn.then_some(RETRY)
    }

    fn commit(&mut self, messages: Vec<Message>) {
        if messages.is_empty() {
            return self.retry();
        }
        let mut batch = Batch::default();
        for message in messages {
            match message {
                Message::Line { bytes, durability, outcome } => {
                    batch.bytes.extend_from_slice(&bytes);
                    match durability {
                        Durability::Written => batch.written.push(outcome),
                        Durability::Synced => batch.synced.push(outcome),
                    }
                }
                // The lines before it belong in the old file.
                Message::Reopen { outcome } => {
                    self.write(std::mem::take(&mut batch));
                    let _ = outcome.send(self.reopen());
                }
            }
        }
        self.write(batch);
    }
}

fn succeed(outcomes: Vec<Outcome>) {
    for outcome in outcomes {
        let _ = outcome.send(Ok(()));
    }
}
