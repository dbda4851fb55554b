//! A store whose values are sealed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::sealing::{SealingError, SealingKey};
use super::{Change, Entry, Expected, Group, Key, Pending, Revision, Store, StoreError};

/// The changes that a receiver may leave unread.
const UNREAD: usize = 64;

/// A store that seals each value before another store gets it, bound to its key: a value at
/// another key does not open. Leases and the version of the store are not sealed, so that a process
/// with another key is told of it.
#[derive(Clone, Debug)]
pub struct Sealed {
    inner: Arc<dyn Store>,
    key: SealingKey,
    /// The file or the URL of the store.
    place: Arc<str>,
}

impl Sealed {
    /// Seals the values of the store at `place`, its file or its URL.
    pub fn new(inner: Arc<dyn Store>, key: SealingKey, place: &str) -> Self {
        Self { inner, key, place: place.into() }
    }

    fn seal(&self, key: &Key, value: Bytes) -> Result<Bytes, StoreError> {
        if is_plain(key) {
            return Ok(value);
        }
        let sealed = self.key.seal(key.as_str().as_bytes(), &value);
        sealed.map_err(|error| StoreError::Unavailable {
            place: Arc::clone(&self.place),
            reason: error.to_string(),
        })
    }

    fn open(&self, key: &Key, entry: Entry) -> Result<Entry, StoreError> {
        if is_plain(key) {
            return Ok(entry);
        }
        let opened = self.key.open(key.as_str().as_bytes(), &entry.value);
        let damaged = |error: SealingError| StoreError::Damaged {
            place: Arc::clone(&self.place),
            key: key.as_str().to_owned(),
            reason: error.to_string(),
        };
        let value = Bytes::from(opened.map_err(damaged)?.to_vec());
        Ok(Entry { value, ..entry })
    }
}

impl Store for Sealed {
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>> {
        Box::pin(async move {
            let entry = self.inner.get(key).await?;
            entry.map(|entry| self.open(key, entry)).transpose()
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
            let sealed = self.seal(key, value)?;
            self.inner.put(key, sealed, expected, lifetime).await
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool> {
        self.inner.remove(key, expected)
    }

    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>> {
        Box::pin(async move {
            let entries = self.inner.list(group, parts).await?;
            let opened = entries.into_iter().map(|(key, entry)| {
                let entry = self.open(&key, entry)?;
                Ok((key, entry))
            });
            opened.collect()
        })
    }

    fn watch(&self, group: Group) -> Pending<'_, mpsc::Receiver<Change>> {
        Box::pin(async move {
            let changes = self.inner.watch(group).await?;
            let (sender, opened) = mpsc::channel(UNREAD);
            tokio::spawn(forward(self.clone(), changes, sender));
            Ok(opened)
        })
    }

    fn is_healthy(&self) -> bool {
        self.inner.is_healthy()
    }
}

/// Opens changes, until one side ends or a value does not open: the next list tells of it.
async fn forward(
    sealed: Sealed,
    mut changes: mpsc::Receiver<Change>,
    sender: mpsc::Sender<Change>,
) {
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = sender.closed() => return,
        };
        let Some(Change { key, entry }) = change else { return };
        match entry.map(|entry| sealed.open(&key, entry)).transpose() {
            Ok(entry) => {
                if sender.send(Change { key, entry }).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, fix = error.fix(), "a change in the store cannot be read");
                return;
            }
        }
    }
}

/// Returns whether the value of an entry is not sealed.
fn is_plain(key: &Key) -> bool {
    key.begins_with(Group::Processes, &[]) || key.begins_with(Group::About, &["version"])
}
