//! The users of a tenant, by id and by user principal name.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::guid::Guid;
use super::shared_str::SharedStr;
use super::tenant::User;

/// The users in the order of their ids. In a file they are a list.
#[derive(Clone, Debug, Default)]
pub struct Users {
    by_id: BTreeMap<Guid, User>,
    /// The ids by user principal name in lower case: Entra ignores case.
    by_name: HashMap<SharedStr, Guid>,
}

/// The id or the name of a new user is taken.
#[derive(Debug, thiserror::Error)]
#[error("two users have the id {id} or the name {name}")]
pub struct Taken {
    id: Guid,
    name: SharedStr,
}

impl Users {
    /// Returns the number of users.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns whether there are no users.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Returns all users.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_id.values()
    }

    /// Returns the users whose ids follow `id`; all users if it is `None`.
    pub fn after(&self, id: Option<Guid>) -> impl Iterator<Item = &User> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_id.range((from, Bound::Unbounded)).map(|(_, user)| user)
    }

    /// Returns the user with this id.
    pub fn get(&self, id: Guid) -> Option<&User> {
        self.by_id.get(&id)
    }

    /// Finds a user by object id or user principal name.
    pub fn find(&self, key: &str) -> Option<Guid> {
        match key.parse() {
            Ok(id) => self.by_id.contains_key(&id).then_some(id),
            Err(_) => self.by_name.get(&lower(key)).copied(),
        }
    }

    /// Finds a user by user principal name or mail address.
    pub fn addressed(&self, address: &str) -> Option<&User> {
        let has =
            |user: &&User| user.mail.as_ref().is_some_and(|m| m.eq_ignore_ascii_case(address));
        self.find(address).and_then(|id| self.get(id)).or_else(|| self.iter().find(has))
    }

    /// Adds a user.
    ///
    /// # Errors
    /// Fails when another user has the id or the name.
    pub fn insert(&mut self, user: User) -> Result<(), Taken> {
        let name = lower(&user.user_principal_name);
        if self.by_id.contains_key(&user.id) || self.by_name.contains_key(&name) {
            return Err(Taken { id: user.id, name: user.user_principal_name });
        }
        let is_lower = *name == *user.user_principal_name;
        let name = if is_lower { user.user_principal_name.clone() } else { name };
        self.by_name.insert(name, user.id);
        self.by_id.insert(user.id, user);
        Ok(())
    }

    /// Removes a user.
    pub fn remove(&mut self, id: Guid) -> Option<User> {
        let user = self.by_id.remove(&id)?;
        self.by_name.remove(&lower(&user.user_principal_name));
        Some(user)
    }

    /// Changes a user. A new name must not be taken.
    pub fn change(&mut self, id: Guid, change: impl FnOnce(&mut User)) {
        let Some(user) = self.by_id.get_mut(&id) else { return };
        let before = user.user_principal_name.clone();
        change(user);
        if before != user.user_principal_name {
            let name = lower(&user.user_principal_name);
            self.by_name.remove(&lower(&before));
            self.by_name.insert(name, id);
        }
    }
}

fn lower(name: &str) -> SharedStr {
    name.to_lowercase().into()
}

impl Serialize for Users {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Users {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut users = Self::default();
        for user in Vec::<User>::deserialize(deserializer)? {
            users.insert(user).map_err(serde::de::Error::custom)?;
        }
        Ok(users)
    }
}
