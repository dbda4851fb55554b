//! Replication lag: for some reads after a write, the directory answers as if it had not
//! been made yet.
//!
//! Microsoft promises no time. What is observed right after a user was created: 404
//! `Request_ResourceNotFound`, and `assignLicense` taking its usage location for invalid.

use serde::{Deserialize, Serialize};

use super::guid::Guid;
use super::tenant::{Tenant, User};

/// A write that is not visible everywhere yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lagging {
    /// How many reads do not see it yet.
    pub reads: u32,
    /// The user as it was; none for one that was just created.
    pub before: Option<Box<User>>,
}

/// What a call about a user sees.
pub enum UserView {
    /// There is no such user.
    Absent,
    /// There is one, but this copy of the directory does not know it yet.
    NotReplicated,
    /// The user as it was before the last write.
    Before(Box<User>),
    /// The user as it is.
    Now(Guid),
}

impl Tenant {
    /// Looks at the user whose object id or user principal name is `key`, which counts as
    /// a read.
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

    /// Whether the listing shows `user` already.
    pub fn is_listed(&self, user: &User) -> bool {
        self.lagging.get(&user.id).is_none_or(|lagging| lagging.before.is_some())
    }

    /// Notes that the user `id` was written; `before` is how it was.
    pub fn wrote(&mut self, id: Guid, before: Option<User>) {
        if self.lag > 0 && !self.lagging.contains_key(&id) {
            let before = before.map(Box::new);
            self.lagging.insert(id, Lagging { reads: self.lag, before });
        }
    }
}
