//! The changes of users, in order: what delta queries list.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::guid::Guid;

/// The last change of each user that has changed since the tenant was made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Changes {
    /// The number of changes.
    made: u64,
    /// The number of the last change, by user.
    last: BTreeMap<Guid, u64>,
}

impl Changes {
    /// Returns whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.made == 0
    }

    /// Returns the number of the last change.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// Notes a change of the user `id`.
    pub fn note(&mut self, id: Guid) {
        self.made = self.made.saturating_add(1);
        self.last.insert(id, self.made);
    }

    /// Returns the users that have changed after the change with this number, in order of ids.
    pub fn since(&self, number: u64) -> impl Iterator<Item = Guid> {
        self.last.iter().filter(move |(_, last)| **last > number).map(|(id, _)| *id)
    }
}
