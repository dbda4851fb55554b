//! The one thread that writes the log. It takes all that waits, writes it at once and syncs
//! once: what a line costs falls as more runs write.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::AuditError;
use super::file::LogFile;
use super::log::Durability;

/// How much is written at once, in bytes; the first to come should not wait for all.
const AT_ONCE: usize = 1 << 20;

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

    /// Writes until the queue is closed and empty.
    pub fn run(mut self, queue: &Receiver<Message>) {
        while let Some(mut message) = self.next(queue) {
            let mut batch = Batch::default();
            let reopen = loop {
                match message {
                    Message::Line { bytes, durability, answer } => {
                        batch.add(&bytes, durability, answer);
                    }
                    Message::Reopen { answer } => break Some(answer),
                }
                if batch.bytes.len() >= AT_ONCE {
                    break None;
                }
                match queue.try_recv() {
                    Ok(next) => message = next,
                    Err(_) => break None,
                }
            };
            self.commit(batch);
            if let Some(answer) = reopen {
                let _ = answer.send(self.reopen());
            }
        }
    }

    /// Waits for a message, and meanwhile tries a file that could not be written.
    fn next(&mut self, queue: &Receiver<Message>) -> Option<Message> {
        while self.torn {
            match queue.recv_timeout(RETRY) {
                Ok(message) => return Some(message),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let tried = self.append(&[]).and_then(|()| self.file.sync());
                    self.note(&tried);
                }
            }
        }
        queue.recv().ok()
    }

    /// Writes a batch and tells all who wait for it.
    fn commit(&mut self, batch: Batch) {
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
