//! A store whose acknowledgement is lost on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use runner::store::jetstream::JetStream;
use runner::store::{Change, Entry, Expected, Group, Key, Pending, Revision, Store, StoreError};
use tokio::sync::mpsc::Receiver;

/// A store that keeps what it is given, and loses the acknowledgement of the first key.
#[derive(Debug)]
pub struct Lossy {
    store: JetStream,
    loses: AtomicBool,
}

impl Lossy {
    pub fn new(store: JetStream) -> Self {
        Self { store, loses: true.into() }
    }
}

impl Store for Lossy {
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>> {
        self.store.get(key)
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Bytes,
        expected: Expected,
        lifetime: Option<Duration>,
    ) -> Pending<'a, Option<Revision>> {
        Box::pin(async move {
            let put = self.store.put(key, value, expected, lifetime).await?;
            if key.begins_with(Group::Keys, &[]) && self.loses.swap(false, Ordering::SeqCst) {
                let reason = "the acknowledgement is lost".to_owned();
                return Err(StoreError::Unavailable { place: self.store.place().into(), reason });
            }
            Ok(put)
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool> {
        self.store.remove(key, expected)
    }

    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>> {
        self.store.list(group, parts)
    }

    fn watch(&self, group: Group) -> Pending<'_, Receiver<Change>> {
        self.store.watch(group)
    }

    fn is_healthy(&self) -> bool {
        self.store.is_healthy()
    }
}
