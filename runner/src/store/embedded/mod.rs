//! The store in a file of one process.
//!
//! A thread commits what arrives while it writes with one sync. Entries whose lifetime has ended,
//! by the wall clock, are removed on the way.
//!
//! - `commands`: the commands to the thread
//! - `tables`: the tables of the file
//! - `work`: the thread

mod commands;
mod tables;
mod work;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use disk::group::GroupCommit;
use disk::private;
use tokio::sync::{mpsc, oneshot};

use super::file::{DatabaseFile, FileError};
use super::{Change, Entry, Expected, Group, Key, Pending, Revision, Store, StoreError};
use commands::{Command, Operation, Outcome};
use work::{Watcher, Watchers, Work};

/// The file name.
const NAME: &str = "store.redb";

/// The version of the tables.
const VERSION: u8 = 1;

/// The number of changes that a watcher may be behind.
const BEHIND: usize = 1_024;

/// The store in a file. Dropping it waits for pending writes, and closes the file.
pub struct EmbeddedStore {
    commands: GroupCommit<Command>,
    path: PathBuf,
    watchers: Watchers,
    healthy: Arc<AtomicBool>,
}

impl EmbeddedStore {
    /// Opens the store in a directory, which is created if it does not exist. Blocks while it
    /// verifies the whole file.
    ///
    /// # Errors
    /// Fails when other users can access the directory, another process has the file open, or the
    /// file is damaged or of another version.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(NAME);
        let unusable = |reason: String| unavailable(&path, reason);
        private::open_dir(directory).map_err(|error| unusable(error.to_string()))?;
        let file = DatabaseFile::open(&path, VERSION).map_err(|error| failed(&path, error))?;
        let (watchers, healthy) = (Watchers::default(), Arc::new(AtomicBool::new(true)));
        let work = Work::new(file, Arc::clone(&watchers), Arc::clone(&healthy));
        let work = work.map_err(|error| failed(&path, error))?;
        let commands = GroupCommit::start("store", usize::MAX, || work)
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self { commands, path, watchers, healthy })
    }

    async fn answer(&self, operation: Operation) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        // If the thread has ended, the reply channel is closed.
        let _ = self.commands.send(Command { operation, reply });
        match answer.await {
            Ok(outcome) => outcome.map_err(|error| failed(&self.path, error)),
            Err(_) => Err(unavailable(&self.path, "its thread has ended".to_owned())),
        }
    }
}

impl Store for EmbeddedStore {
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>> {
        Box::pin(async move {
            let outcome = self.answer(Operation::Get(key.clone())).await?;
            Ok(outcome.entries.into_iter().next().map(|(_, entry)| entry))
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Bytes,
        expected: Expected,
        lifetime: Option<Duration>,
    ) -> Pending<'a, Option<Revision>> {
        Box::pin(async move {
            let put = Operation::Put { key: key.clone(), value, expected, lifetime };
            Ok(self.answer(put).await?.changed)
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool> {
        Box::pin(async move {
            let outcome = self.answer(Operation::Remove { key: key.clone(), expected }).await?;
            Ok(outcome.changed.is_some())
        })
    }

    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>> {
        Box::pin(
            async move { Ok(self.answer(Operation::List(Key::new(group, parts))).await?.entries) },
        )
    }

    fn watch(&self, group: Group) -> Pending<'_, mpsc::Receiver<Change>> {
        Box::pin(async move {
            let (changes, receiver) = mpsc::channel(BEHIND);
            let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
            watchers.push(Watcher { group, changes });
            Ok(receiver)
        })
    }

    fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("path", &self.path).finish_non_exhaustive()
    }
}

fn failed(path: &Path, error: FileError) -> StoreError {
    let place: Arc<str> = path.display().to_string().into();
    match error {
        FileError::Damaged(reason) => StoreError::Broken { place, reason },
        FileError::OtherVersion(found) => {
            StoreError::Version { place, found: found.to_string(), known: VERSION.into() }
        }
        other => StoreError::Unavailable { place, reason: other.to_string() },
    }
}

fn unavailable(path: &Path, reason: String) -> StoreError {
    StoreError::Unavailable { place: path.display().to_string().into(), reason }
}
