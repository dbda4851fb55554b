//! The commands to the thread.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::store::file::FileError;
use crate::store::{Entry, Expected, Key, Revision};

/// A command.
pub(super) struct Command {
    pub operation: Operation,
    pub reply: oneshot::Sender<Result<Outcome, FileError>>,
}

/// What a command does.
pub(super) enum Operation {
    /// Returns an entry.
    Get(Key),
    /// Returns the entries whose keys begin with the parts of this one.
    List(Key),
    /// Writes an entry.
    Put { key: Key, value: Bytes, expected: Expected, lifetime: Option<Duration> },
    /// Removes an entry.
    Remove { key: Key, expected: Revision },
}

/// What a command has done.
#[derive(Default)]
pub(super) struct Outcome {
    /// The entries that it returns.
    pub entries: Vec<(Key, Entry)>,
    /// The revision of a change, if it was made.
    pub changed: Option<Revision>,
}
