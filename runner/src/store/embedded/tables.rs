//! The tables of the file, in one transaction.

use std::time::Duration;

use bytes::Bytes;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::store::{Change, Entry, Expected, Key, Revision};

type Result<T> = std::result::Result<T, redb::Error>;

/// The revision, the Unix time in milliseconds at which the lifetime ends, and the value.
type Stored = (u64, Option<u64>, &'static [u8]);

/// All entries by their keys.
const ENTRIES: TableDefinition<'_, &str, Stored> = TableDefinition::new("entries");
/// The ends of lifetimes, with the keys.
const ENDS: TableDefinition<'_, (u64, &str), ()> = TableDefinition::new("ends");
/// The last revision, under an empty name.
const LAST: TableDefinition<'_, &str, u64> = TableDefinition::new("last");

pub(super) struct Tables<'t> {
    entries: Table<'t, &'static str, Stored>,
    ends: Table<'t, (u64, &'static str), ()>,
    last: Table<'t, &'static str, u64>,
    /// The Unix time in milliseconds.
    now: u64,
    changes: Vec<Change>,
}

impl<'t> Tables<'t> {
    /// Opens the tables at a Unix time in milliseconds.
    pub fn open(transaction: &'t WriteTransaction, now: u64) -> Result<Self> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            ends: transaction.open_table(ENDS)?,
            last: transaction.open_table(LAST)?,
            now,
            changes: Vec::new(),
        })
    }

    /// Returns what was changed.
    pub fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Makes a change that leaves nothing, so that the transaction writes to the disk.
    pub fn probe(&mut self) -> Result<()> {
        self.last.insert("probe", 0)?;
        self.last.remove("probe")?;
        Ok(())
    }

    /// Returns an entry whose lifetime has not ended.
    pub fn get(&self, key: &Key) -> Result<Option<Entry>> {
        let stored = self.entries.get(key.as_str())?;
        Ok(stored.and_then(|stored| alive(stored.value(), self.now)))
    }

    /// Returns the entries whose keys begin with the parts of `key`.
    pub fn list(&self, key: &Key) -> Result<Vec<(Key, Entry)>> {
        let mut entries = Vec::new();
        if let Some(entry) = self.get(key)? {
            entries.push((key.clone(), entry));
        }
        // The character after the dot between parts.
        let (first, end) = (format!("{}.", key.as_str()), format!("{}/", key.as_str()));
        for stored in self.entries.range(first.as_str()..end.as_str())? {
            let (name, stored) = stored?;
            if let Some(entry) = alive(stored.value(), self.now) {
                entries.push((Key::of(name.value().to_owned()), entry));
            }
        }
        Ok(entries)
    }

    /// Writes an entry; `None` if the entry is not the expected one.
    pub fn put(
        &mut self,
        key: &Key,
        value: &Bytes,
        expected: Expected,
        lifetime: Option<Duration>,
    ) -> Result<Option<Revision>> {
        let known = self.get(key)?.map(|entry| entry.revision);
        let is_expected = match expected {
            Expected::Any => true,
            Expected::Absent => known.is_none(),
            Expected::Is(revision) => known == Some(revision),
        };
        if !is_expected {
            return Ok(None);
        }
        self.forget(key)?;
        let revision = self.next_revision()?;
        let end = lifetime.map(|lifetime| self.now.saturating_add(rounded_up(lifetime)));
        self.entries.insert(key.as_str(), (revision, end, &**value))?;
        if let Some(end) = end {
            self.ends.insert((end, key.as_str()), ())?;
        }
        let revision = Revision(revision);
        let entry = Some(Entry { value: value.clone(), revision });
        self.changes.push(Change { key: key.clone(), entry });
        Ok(Some(revision))
    }

    /// Removes an entry; `None` if it is not the expected one.
    pub fn remove(&mut self, key: &Key, expected: Revision) -> Result<Option<Revision>> {
        if self.get(key)?.is_none_or(|entry| entry.revision != expected) {
            return Ok(None);
        }
        self.forget(key)?;
        self.changes.push(Change { key: key.clone(), entry: None });
        Ok(Some(expected))
    }

    /// Removes at most `most` entries whose lifetimes have ended. Returns their number.
    pub fn sweep(&mut self, most: usize) -> Result<usize> {
        let mut ended = Vec::new();
        for end in self.ends.range(..(self.now.saturating_add(1), ""))?.take(most) {
            let (end, ()) = end.map(|(end, unit)| (end, unit.value()))?;
            ended.push(Key::of(end.value().1.to_owned()));
        }
        for key in &ended {
            self.forget(key)?;
            self.changes.push(Change { key: key.clone(), entry: None });
        }
        Ok(ended.len())
    }

    fn forget(&mut self, key: &Key) -> Result<()> {
        let end = self.entries.remove(key.as_str())?.and_then(|stored| stored.value().1);
        if let Some(end) = end {
            self.ends.remove((end, key.as_str()))?;
        }
        Ok(())
    }

    fn next_revision(&mut self) -> Result<u64> {
        let last = self.last.get("")?.map_or(0, |last| last.value());
        let next = last.saturating_add(1);
        self.last.insert("", next)?;
        Ok(next)
    }
}

fn alive((revision, end, value): (u64, Option<u64>, &[u8]), now: u64) -> Option<Entry> {
    let entry = || Entry { value: Bytes::copy_from_slice(value), revision: Revision(revision) };
    end.is_none_or(|end| now < end).then(entry)
}

/// Returns a lifetime in whole seconds, in milliseconds.
fn rounded_up(lifetime: Duration) -> u64 {
    let more = u64::from(lifetime.subsec_nanos() > 0);
    lifetime.as_secs().saturating_add(more).saturating_mul(1_000)
}
