//! The thread, which commits commands in batches of one transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use disk::group::Commit;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::commands::{Command, Operation, Outcome};
use super::tables::Tables;
use crate::store::file::{DatabaseFile, FileError};
use crate::store::{Change, Group};

/// The size of a batch, in commands and in bytes of values.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 16 << 20;

/// The number of ended entries that a transaction removes: more than it can add.
const SWEPT: usize = 2 * BATCH;

/// The interval at which an idle thread removes ended entries.
const IDLE: Duration = Duration::from_secs(60);

/// The interval at which an idle thread tries to write again after an error.
const RETRY: Duration = Duration::from_secs(1);

/// A receiver of the changes of a group.
pub(super) struct Watcher {
    pub group: Group,
    pub changes: mpsc::Sender<Change>,
}

/// The receivers of changes.
pub(super) type Watchers = Arc<Mutex<Vec<Watcher>>>;

/// The state of the thread.
pub(super) struct Work {
    file: DatabaseFile,
    watchers: Watchers,
    healthy: Arc<AtomicBool>,
}

impl Work {
    /// Creates the state, and removes the entries whose lifetimes have ended.
    pub fn new(
        file: DatabaseFile,
        watchers: Watchers,
        healthy: Arc<AtomicBool>,
    ) -> Result<Self, FileError> {
        let mut work = Self { file, watchers, healthy };
        while work.transact(&[])?.swept == SWEPT {}
        Ok(work)
    }

    fn transact(&mut self, batch: &[Command]) -> Result<Transacted, FileError> {
        let was_healthy = self.healthy.load(Ordering::Relaxed);
        let transaction = self.file.begin()?;
        let (outcomes, changes, swept) = {
            let mut tables = Tables::open(&transaction, now())?;
            let outcomes: Result<Vec<Outcome>, redb::Error> =
                batch.iter().map(|command| apply(&mut tables, &command.operation)).collect();
            let swept = tables.sweep(SWEPT)?;
            if !was_healthy {
                tables.probe()?;
            }
            (outcomes?, tables.into_changes(), swept)
        };
        // Reads need no commit.
        if !changes.is_empty() || !was_healthy {
            transaction.commit().map_err(redb::Error::from)?;
        }
        Ok(Transacted { outcomes, changes, swept })
    }

    /// Tells the watchers of changes. One that is too far behind is told no more.
    fn tell(&self, changes: &[Change]) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|Watcher { group, changes: sender }| {
            let own = changes.iter().filter(|change| change.key.begins_with(*group, &[]));
            !sender.is_closed() && own.cloned().all(|change| sender.try_send(change).is_ok())
        });
    }
}

/// What a transaction has done.
struct Transacted {
    outcomes: Vec<Outcome>,
    changes: Vec<Change>,
    swept: usize,
}

fn apply(tables: &mut Tables<'_>, operation: &Operation) -> Result<Outcome, redb::Error> {
    let changed = |changed| Outcome { changed, entries: Vec::new() };
    let found = |entries| Outcome { changed: None, entries };
    Ok(match operation {
        Operation::Get(key) => {
            found(tables.get(key)?.map(|entry| (key.clone(), entry)).into_iter().collect())
        }
        Operation::List(key) => found(tables.list(key)?),
        Operation::Put { key, value, expected, lifetime } => {
            changed(tables.put(key, value, *expected, *lifetime)?)
        }
        Operation::Remove { key, expected } => changed(tables.remove(key, *expected)?),
    })
}

impl Commit for Work {
    type Request = Command;

    const MOST: usize = BATCH;
    const FULL: usize = BATCH_BYTES;

    fn size(command: &Command) -> usize {
        match &command.operation {
            Operation::Put { value, .. } => value.len(),
            _ => 0,
        }
    }

    fn patience(&self) -> Option<Duration> {
        Some(if self.healthy.load(Ordering::Relaxed) { IDLE } else { RETRY })
    }

    fn commit(&mut self, batch: Vec<Command>) {
        let done = self.transact(&batch);
        self.healthy.store(done.is_ok(), Ordering::Relaxed);
        match done {
            Ok(Transacted { outcomes, changes, .. }) => {
                self.tell(&changes);
                for (command, outcome) in batch.into_iter().zip(outcomes) {
                    let _ = command.reply.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(path = %self.file.path().display(), %error, "the store cannot be used");
                self.file.close();
                for command in batch {
                    let _ = command.reply.send(Err(error.clone()));
                }
            }
        }
    }
}

/// Returns the Unix time in milliseconds.
fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}
