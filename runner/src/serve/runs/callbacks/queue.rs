//! The order of the callbacks that are due.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::due::Due;
use crate::store::{Change, Entry, Key, Revision};

/// The callbacks that are due, by their times.
#[derive(Default)]
pub(super) struct Queue {
    times: HashMap<Key, Timestamp>,
    due: BTreeMap<(Timestamp, Key), (Due, Revision)>,
}

impl Queue {
    /// Takes the change of an entry.
    pub fn take(&mut self, Change { key, entry }: Change) {
        if let Some(at) = self.times.remove(&key) {
            self.due.remove(&(at, key.clone()));
        }
        let Some(Entry { value, revision }) = entry else { return };
        match serde_json::from_slice::<Due>(&value) {
            Ok(due) => {
                self.times.insert(key.clone(), due.at);
                self.due.insert((due.at, key), (due, revision));
            }
            Err(error) => tracing::error!(?key, %error, "a callback in the store is damaged"),
        }
    }

    /// Returns when the first one is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes one that is due at a time.
    pub fn pop(&mut self, now: Timestamp) -> Option<(Due, Revision)> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        let ((_, key), due) = first.remove_entry();
        self.times.remove(&key);
        Some(due)
    }
}
