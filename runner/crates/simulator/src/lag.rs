//! Replication lag: some reads after a write see the previous state.
//!
//! Microsoft documents no time. Observed directly after the creation of a user: 404
//! `Request_ResourceNotFound`, and `assignLicense` rejecting the usage location as invalid.

use serde::{Deserialize, Serialize};

use super::guid::Guid;
use super::tenant::{Tenant, User};

/// A write that is not yet replicated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lagging {
    /// The number of further reads that do not see it.
    pub reads: u32,
    /// The user before the write; `None` if the write created it.
    pub before: Option<Box<User>>,
}

/// A user as a call sees it.
pub enum UserView {
    /// The user does not exist.
    Absent,
    /// The creation of the user is not yet replicated.
    NotReplicated,
    /// The user before the last write.
    Before(Box<User>),
    /// The current user.
    Now(Guid),
}

impl Tenant {
    /// Reads the user with the object id or user principal name `key`.
    pub fn look(&mut self, key: &str) -> UserView {
        let Some(id) = self.users.find(key) else { return UserView::Absent };
        let Some(lagging) = self.lagging.get_mut(&id) else { return UserView::Now(id) };
        let before = lagging.before.clone();
        lagging.reads = lagging.reads.saturating_sub(1);
        if lagging.reads == 0 {
            self.lagging.remove(&id);
        }
        before.map_or(UserView::NotReplicated, UserView::Before)
    }

    /// Returns whether listings contain `user`.
    pub fn is_listed(&self, user: &User) -> bool {
        self.lagging.get(&user.id).is_none_or(|lagging| lagging.before.is_some())
    }

    /// Records a write of the user `id`; `before` is the previous state.
    pub fn wrote(&mut self, id: Guid, before: Option<User>) {
        self.changes.note(id);
        if self.lag > 0 && !self.lagging.contains_key(&id) {
            let before = before.map(Box::new);
            self.lagging.insert(id, Lagging { reads: self.lag, before });
        }
    }
}
