//! The users of a tenant, found by id and by user principal name.

use super::shared_str::SharedStr;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::guid::Guid;
use super::tenant::User;

/// The users in the order of their ids. In a file they are a list.
#[derive(Clone, Debug, Default)]
pub struct Users {
    by_id: BTreeMap<Guid, User>,
    /// By user principal name in lower case: Entra does not tell case apart.
    by_name: HashMap<SharedStr, Guid>,
}

/// A user who cannot be added.
#[derive(Debug, thiserror::Error)]
#[error("two users have the id {id} or the name {name}")]
pub struct Taken {
    id: Guid,
    name: SharedStr,
}

impl Users {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_id.values()
    }

    /// Those whose ids follow `id`; all of them if there is none.
    pub fn after(&self, id: Option<Guid>) -> impl Iterator<Item = &User> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_id.range((from, Bound::Unbounded)).map(|(_, user)| user)
    }

    /// The user with this id.
    pub fn get(&self, id: Guid) -> Option<&User> {
        self.by_id.get(&id)
    }

    /// The id of the user whose object id or user principal name is `key`.
    pub fn find(&self, key: &str) -> Option<Guid> {
        match key.parse() {
            Ok(id) => self.by_id.contains_key(&id).then_some(id),
            Err(_) => self.by_name.get(&lower(key)).copied(),
        }
    }

    /// The user with the mail address or user principal name `address`.
    pub fn addressed(&self, address: &str) -> Option<&User> {
        let by_name = self.find(address).and_then(|id| self.get(id));
        by_name.or_else(|| {
            let has =
                |user: &&User| user.mail.as_ref().is_some_and(|m| m.eq_ignore_ascii_case(address));
            self.iter().find(has)
        })
    }

    /// Adds a user.
    ///
    /// # Errors
    /// Another one has its id or its name.
    pub fn insert(&mut self, user: User) -> Result<(), Taken> {
        let name = lower(&user.user_principal_name);
        if self.by_id.contains_key(&user.id) || self.by_name.contains_key(&name) {
            return Err(Taken { id: user.id, name: user.user_principal_name });
        }
        let name = if *name == *user.user_principal_name {
            user.user_principal_name.clone()
        } else {
            name
        };
        self.by_name.insert(name, user.id);
        self.by_id.insert(user.id, user);
        Ok(())
    }

    /// Takes a user out.
    pub fn remove(&mut self, id: Guid) -> Option<User> {
        let user = self.by_id.remove(&id)?;
        self.by_name.remove(&lower(&user.user_principal_name));
        Some(user)
    }

    /// Changes a user, whose name may change too, but not to one that is taken.
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
