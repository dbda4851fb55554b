//! Small entries that outlive a run: in a file of one process, or shared by many.
//!
//! A change is made only if the entry is still the one that its author has seen, so that two
//! processes never both succeed in the same step.
//!
//! - `key`: the keys of entries
//! - [`jetstream`]: a store on NATS JetStream
//! - `following`: the entries of a group, followed as they change
//! - [`generated`]: secrets that the host made up, which are read once
//! - [`process`]: this process among those that share a store
//! - [`sealing`]: the key with which what is stored is sealed
//! - `sealed`: a store whose values are sealed
//! - `orphans`: the runs of processes that have died
//! - `error`: why entries cannot be read or changed
//! - `embedded`: the store in a file of one process
//! - [`mod@file`]: such files

mod embedded;
mod error;
pub mod file;
mod following;
pub mod generated;
pub mod jetstream;
mod key;
mod orphans;
pub mod process;
mod sealed;
pub mod sealing;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

pub use embedded::EmbeddedStore;
pub use error::StoreError;
pub use following::follow;
pub use key::{Group, Key};
pub use orphans::Orphans;
pub use sealed::Sealed;

/// What a [`Store`] returns when it is done.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store of small entries.
pub trait Store: Send + Sync + fmt::Debug {
    /// Returns the entry with a key.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    fn get<'a>(&'a self, key: &'a Key) -> Pending<'a, Option<Entry>>;

    /// Writes an entry, and returns its revision; `None` if the entry is not the expected one. The
    /// entry is kept, as far as the store keeps anything, when this returns. It disappears at the
    /// end of its lifetime, rounded up to a second.
    ///
    /// # Errors
    /// Fails when the entry is not, or perhaps not, written.
    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Bytes,
        expected: Expected,
        lifetime: Option<Duration>,
    ) -> Pending<'a, Option<Revision>>;

    /// Removes an entry; returns whether it was the expected one.
    ///
    /// # Errors
    /// Fails when the entry is not, or perhaps not, removed.
    fn remove<'a>(&'a self, key: &'a Key, expected: Revision) -> Pending<'a, bool>;

    /// Returns all entries whose keys begin with these parts, in the order of their keys.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    fn list<'a>(&'a self, group: Group, parts: &'a [&'a str]) -> Pending<'a, Vec<(Key, Entry)>>;

    /// Returns the changes of a group from now on. The receiver ends when the store can no longer
    /// tell: then list again.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    fn watch(&self, group: Group) -> Pending<'_, mpsc::Receiver<Change>>;

    /// Returns whether the last access succeeded.
    fn is_healthy(&self) -> bool;
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its value.
    pub value: Bytes,
    /// The revision of the value.
    pub revision: Revision,
}

/// The revision of an entry. Later values of a key have larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);

/// The entry that a change expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// None.
    Absent,
    /// The one with this revision.
    Is(Revision),
    /// Any, or none.
    Any,
}

/// A change of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key.
    pub key: Key,
    /// The new entry; `None` if it was removed, or its lifetime has ended.
    pub entry: Option<Entry>,
}
