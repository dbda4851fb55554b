//! What the thread that writes the log does with a batch of lines: it writes them at once
//! and syncs once.

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

/// How often a file that could not be written is tried.
const RETRY: Duration = Duration::from_secs(1);

/// Where the outcome goes. That nobody waits for it any more is no reason not to write.
pub type Answer = oneshot::Sender<Result<(), AuditError>>;

/// What the thread is asked for.
pub enum Message {
    /// A line, with its newline.
    Line { bytes: Vec<u8>, durability: Durability, answer: Answer },
    /// To open the path again.
    Reopen { answer: Answer },
}

/// The file, and what is known of it.
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
    written: Vec<Answer>,
    synced: Vec<Answer>,
}

impl Writer {
    /// For a file that is open and whole.
    pub fn new(file: LogFile, path: Arc<Path>, healthy: Arc<AtomicBool>) -> Self {
        Self { file, path, healthy, torn: false }
    }

    /// Tries a file that could not be written.
    fn retry(&mut self) {
        let tried = self.append(&[]).and_then(|()| self.file.sync());
        self.note(&tried);
    }

    /// Writes lines and tells all who wait for them.
    fn write(&mut self, batch: Batch) {
        if batch.bytes.is_empty() {
            return;
        }
        let written = self.append(&batch.bytes);
        self.note(&written);
        if let Err(reason) = written {
            return self.fail(reason, batch.written.into_iter().chain(batch.synced));
        }
        // They need not wait for the disk, as others do.
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

    /// Appends bytes, on a line of their own. A file that was deleted takes what is written to
    /// it with it: a new one is begun then.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_deleted()? {
            self.file = LogFile::open(&self.path).map_err(io::Error::other)?;
            self.torn = false;
            tracing::error!(path = %self.path.display(), "the audit log was deleted, and begins anew");
        }
        if self.torn { self.file.append(&[b"\n", bytes].concat()) } else { self.file.append(bytes) }
    }

    /// Takes the path for what it leads to now.
    fn reopen(&mut self) -> Result<(), AuditError> {
        if !self.file.is_at(&self.path) {
            self.file = LogFile::open(&self.path)?;
            self.note(&Ok(()));
        }
        Ok(())
    }

    /// Before anybody is told, so that whoever is told can ask.
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

    fn fail(&self, reason: io::Error, answers: impl IntoIterator<Item = Answer>) {
        let error = AuditError::Write { path: self.path.clone(), reason: Arc::new(reason) };
        for answer in answers {
            let _ = answer.send(Err(error.clone()));
        }
    }
}

impl Commit for Writer {
    type Request = Message;

    const MOST: usize = usize::MAX;

    /// The first line should not wait for all that come after it.
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
                Message::Line { bytes, durability, answer } => {
                    batch.add(&bytes, durability, answer);
                }
                // The lines before it belong to the old file.
                Message::Reopen { answer } => {
                    self.write(std::mem::take(&mut batch));
                    let _ = answer.send(self.reopen());
                }
            }
        }
        self.write(batch);
    }
}

impl Batch {
    fn add(&mut self, bytes: &[u8], durability: Durability, answer: Answer) {
        self.bytes.extend_from_slice(bytes);
        match durability {
            Durability::Written => self.written.push(answer),
            Durability::Synced => self.synced.push(answer),
        }
    }
}

fn succeed(answers: Vec<Answer>) {
    for answer in answers {
        let _ = answer.send(Ok(()));
    }
}
