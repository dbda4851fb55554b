//! The thread that writes records: a batch at once, with one sync.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use disk::group::Commit;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::error::JournalError;
use super::run::Records;
use super::segment::{self, Segment};
use crate::audit::Durability;

/// The size of a file after which the next one begins, in bytes.
const FULL_SEGMENT: usize = 16 << 20;

/// A request to the thread.
pub(super) struct Message {
    pub records: Records,
    pub outcome: oneshot::Sender<Result<(), JournalError>>,
}

/// The state of the thread.
pub(super) struct Writer {
    pub directory: PathBuf,
    /// The file that is written; `None` after an error, when its end is unknown.
    pub segment: Option<Segment>,
    /// The number of the next file.
    pub next: u64,
    /// The first file of each unfinished run.
    pub first: HashMap<Uuid, u64>,
    /// The files, in order.
    pub files: Vec<u64>,
}

impl Writer {
    fn write(&mut self, messages: &[Message]) -> Result<(), JournalError> {
        let segment = self.segment()?;
        let lines: Vec<&[u8]> = messages.iter().map(|message| &*message.records.lines).collect();
        let written = segment.append(&lines.concat()).and_then(|()| {
            match messages.iter().any(|message| message.records.durability == Durability::Synced) {
                true => segment.sync(),
                false => Ok(()),
            }
        });
        let path = Arc::clone(&segment.path);
        written.map_err(|reason| JournalError::Write(path, Arc::new(reason)))
    }

    /// Returns the file to write, which is a new one if there is none or it is full.
    fn segment(&mut self) -> Result<&mut Segment, JournalError> {
        if let Some(full) = self.segment.take_if(|segment| segment.size >= FULL_SEGMENT) {
            // A later record that is synced needs those before it.
            let synced = full.sync();
            synced.map_err(|reason| JournalError::Write(full.path, Arc::new(reason)))?;
        }
        match self.segment.take() {
            Some(segment) => Ok(self.segment.insert(segment)),
            None => {
                let number = self.next;
                // A file that was created in vain is not tried again.
                self.next = self.next.saturating_add(1);
                let created = Segment::create(&self.directory, number).map_err(|reason| {
                    let path = segment::path(&self.directory, number);
                    JournalError::Write(path.into(), Arc::new(reason))
                })?;
                self.files.push(number);
                Ok(self.segment.insert(created))
            }
        }
    }

    /// Notes which files the runs need.
    fn note(&mut self, messages: &[Message]) {
        let Some(current) = self.segment.as_ref().map(|segment| segment.number) else { return };
        for message in messages {
            let Records { run, ended, .. } = message.records;
            if ended {
                self.first.remove(&run);
            } else {
                self.first.entry(run).or_insert(current);
            }
        }
    }

    /// Removes what no unfinished run needs: the records contain secrets.
    fn sweep(&mut self) {
        if self.first.is_empty() {
            let cleared = self.segment.as_mut().map(Segment::clear);
            if let Some(Err(error)) = cleared {
                tracing::warn!(%error, "journals that are no longer needed stay");
            }
        }
        let current = self.segment.as_ref().map_or(u64::MAX, |segment| segment.number);
        let needed = self.first.values().copied().min().unwrap_or(u64::MAX).min(current);
        let unneeded = self.files.partition_point(|number| *number < needed);
        for number in self.files.drain(..unneeded) {
            let removed = fs::remove_file(segment::path(&self.directory, number));
            if let Err(error) = removed.or_else(missing) {
                tracing::warn!(%error, number, "a journal that is no longer needed stays");
            }
        }
    }
}

/// A file that is already gone is as good as removed.
fn missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

impl Commit for Writer {
    type Request = Message;

    const MOST: usize = usize::MAX;

    /// Bounds how long the first record waits for the others.
    const FULL: usize = 4 << 20;

    fn size(message: &Message) -> usize {
        message.records.lines.len()
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn commit(&mut self, messages: Vec<Message>) {
        let written = self.write(&messages);
        match &written {
            Ok(()) => {
                self.note(&messages);
                self.sweep();
            }
            Err(error) => {
                tracing::error!(%error, "the journals of runs cannot be written");
                // The file may end in the middle of a line.
                self.segment = None;
            }
        }
        for message in messages {
            let _ = message.outcome.send(written.clone());
        }
    }
}
