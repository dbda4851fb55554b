//! The journals of processes that share a NATS JetStream: any of them continues the runs of one
//! that has ended.
//!
//! The records of a run are the messages of a subject of their own. Each is appended with the
//! sequence of the one before it, so of two processes that both hold the run, only one succeeds.
//! A process takes a run over by appending its name: whatever the other one still wants to write
//! comes too late, and is never sent to Graph. The journal is removed when the run has ended.
//!
//! - `messages`: the messages of a journal
//! - `appending`: appends to the journal of a run
//! - `orphans`: the runs of processes that have ended

mod appending;
mod messages;
mod orphans;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::error::JournalError;
use super::files::keep_recording;
use super::run::{Appended, JournalStore, Pending, PlatformJournals, Records};
use crate::store::jetstream::JetStream;
use crate::store::process::{Process, Term};
use crate::store::sealing::SealingKey;
use appending::{Appending, Queued};

/// The journals of this process, and of those with which it shares a store. Clones share them.
#[derive(Clone)]
pub struct SharedJournals(Arc<Inner>);

struct Inner {
    store: JetStream,
    process: Process,
    key: SealingKey,
    /// The directory for the recordings of runs that cannot go on.
    directory: PathBuf,
    /// The runs that this process holds.
    held: Mutex<HashMap<Uuid, mpsc::UnboundedSender<Queued>>>,
    /// What the last search for orphans has seen.
    seen: Mutex<Seen>,
}

/// The journals that a search has seen.
#[derive(Default)]
struct Seen {
    /// The runs of others. Most have ended at the next search.
    others: HashSet<Uuid>,
    /// The journals that are closed for good.
    closed: HashSet<Uuid>,
}

impl SharedJournals {
    /// Creates the journals of a process on a store. Their records are sealed with `key`.
    pub fn new(store: JetStream, process: Process, key: SealingKey, directory: PathBuf) -> Self {
        let (held, seen) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { store, process, key, directory, held, seen }))
    }

    fn held_runs(&self) -> MutexGuard<'_, HashMap<Uuid, mpsc::UnboundedSender<Queued>>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a run whose last message has this sequence; 0 for one without a message.
    fn hold(&self, run: Uuid, last: u64) -> mpsc::UnboundedSender<Queued> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.held_runs().insert(run, sender.clone());
        tokio::spawn(Appending::new(self.clone(), run, last).write(receiver));
        sender
    }

    /// Lets go of a run.
    fn let_go(&self, run: Uuid) {
        self.held_runs().remove(&run);
    }
}

impl JournalStore for SharedJournals {
    fn append(&self, records: Records) -> Result<Appended, JournalError> {
        let held = self.held_runs().get(&records.run).cloned();
        let sender = match held {
            Some(sender) => sender,
            // A run that has let go does not begin again.
            None if records.is_first => self.hold(records.run, 0),
            None => return Err(JournalError::Taken),
        };
        let (queued, appended) = Queued::new(records);
        sender.send(queued).map_err(|_| JournalError::Taken)?;
        Ok(appended)
    }

    fn term(&self) -> Option<Term> {
        self.0.process.term()
    }

    fn held(&self) -> Pending<'_, Option<Term>> {
        Box::pin(async { Ok(Some(self.0.process.held().await)) })
    }

    fn is_available(&self) -> bool {
        self.0.store.is_connected() && self.0.process.term().is_some()
    }
}

impl PlatformJournals for SharedJournals {
    fn keep_component<'a>(&'a self, digest: &'a str, bytes: &'a [u8]) -> Pending<'a, ()> {
        Box::pin(async move {
            let components = self.0.store.components();
            if components.info(digest).await.is_ok() {
                return Ok(());
            }
            let mut reader = bytes;
            let kept = components.put(digest, &mut reader).await;
            kept.map(drop).map_err(|error| self.0.store.failed(error).into())
        })
    }

    fn component<'a>(&'a self, digest: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let failed = |error: &dyn fmt::Display| JournalError::from(self.0.store.failed(error));
            if self.0.store.components().info(digest).await.is_err() {
                self.0.store.connected()?;
                return Ok(None);
            }
            let object = self.0.store.components().get(digest).await;
            let mut object = object.map_err(|error| failed(&error))?;
            let mut bytes = Vec::new();
            object.read_to_end(&mut bytes).await.map_err(|error| failed(&error))?;
            Ok(Some(bytes))
        })
    }

    fn keep_recording(&self, run: Uuid, bytes: &[u8]) -> Result<PathBuf, JournalError> {
        keep_recording(&self.0.directory, run, bytes)
    }
}

impl fmt::Debug for SharedJournals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedJournals").field("store", &self.0.store).finish_non_exhaustive()
    }
}
