//! The groups of a tenant, by id.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::guid::Guid;
use super::shared_str::SharedStr;
use super::time::Time;

/// A group of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// The object id.
    pub id: Guid,
    /// The display name.
    pub display_name: SharedStr,
    /// The mail alias.
    pub mail_nickname: SharedStr,
    /// The mail address of a Microsoft 365 group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<SharedStr>,
    /// Whether it is a Microsoft 365 group.
    #[serde(default)]
    pub unified: bool,
    /// Whether it is a security group.
    #[serde(default)]
    pub security_enabled: bool,
    /// `Public`, `Private` or `HiddenMembership`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<SharedStr>,
    /// The creation time.
    pub created_date_time: Time,
    /// The members: users and groups, deleted ones among them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<Guid>,
    /// The owners.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owners: BTreeSet<Guid>,
    /// The licences that the group assigns to its members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<GroupLicense>,
    /// Other properties by Graph's names, such as `description`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

impl Group {
    /// Creates a security group without members.
    pub fn new(
        id: Guid,
        display_name: impl Into<SharedStr>,
        mail_nickname: impl Into<SharedStr>,
        created_date_time: Time,
    ) -> Self {
        Self {
            id,
            display_name: display_name.into(),
            mail_nickname: mail_nickname.into(),
            mail: None,
            unified: false,
            security_enabled: true,
            visibility: None,
            created_date_time,
            members: BTreeSet::new(),
            owners: BTreeSet::new(),
            licenses: Vec::new(),
            other: BTreeMap::new(),
        }
    }
}

/// A licence that a group assigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupLicense {
    /// The SKU.
    pub sku_id: Guid,
    /// The disabled service plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_plans: Vec<Guid>,
}

/// A deleted group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedGroup {
    /// The time of the deletion.
    pub deleted_date_time: Time,
    /// The group before the deletion.
    pub group: Group,
}

/// The groups in the order of their ids. In a file they are a list.
#[derive(Clone, Debug, Default)]
pub struct Groups(BTreeMap<Guid, Group>);

/// The id of a new group is taken.
#[derive(Debug, thiserror::Error)]
#[error("two groups have the id {0}")]
pub struct Taken(Guid);

impl Groups {
    /// Returns the number of groups.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all groups.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.0.values()
    }

    /// Returns the groups whose ids follow `id`; all groups if it is `None`.
    pub fn after(&self, id: Option<Guid>) -> impl Iterator<Item = &Group> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range((from, Bound::Unbounded)).map(|(_, group)| group)
    }

    /// Returns the group with this id.
    pub fn get(&self, id: Guid) -> Option<&Group> {
        self.0.get(&id)
    }

    /// Returns the group with this id, to change it.
    pub fn get_mut(&mut self, id: Guid) -> Option<&mut Group> {
        self.0.get_mut(&id)
    }

    /// Adds a group.
    ///
    /// # Errors
    /// Fails when another group has the id.
    pub fn insert(&mut self, group: Group) -> Result<(), Taken> {
        if self.0.contains_key(&group.id) {
            return Err(Taken(group.id));
        }
        self.0.insert(group.id, group);
        Ok(())
    }

    /// Removes a group.
    pub fn remove(&mut self, id: Guid) -> Option<Group> {
        self.0.remove(&id)
    }

    /// Removes an object from all members and owners.
    pub fn forget(&mut self, id: Guid) {
        for group in self.0.values_mut() {
            group.members.remove(&id);
            group.owners.remove(&id);
        }
    }

    /// Returns the groups of which `id` is a direct member.
    pub fn of_member(&self, id: Guid) -> impl Iterator<Item = &Group> {
        self.iter().filter(move |group| group.members.contains(&id))
    }

    /// Returns the groups of which `id` is a member, directly or through other groups.
    pub fn of_member_transitively(&self, id: Guid) -> BTreeSet<Guid> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let further = self.of_member(id).map(|group| group.id);
            open.extend(further.filter(|id| found.insert(*id)));
        }
        found
    }

    /// Returns the members of the group `id` and of the groups in it.
    pub fn transitive_members(&self, id: Guid) -> BTreeSet<Guid> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let members = self.get(id).into_iter().flat_map(|group| &group.members).copied();
            let new: Vec<Guid> = members.filter(|id| found.insert(*id)).collect();
            open.extend(new);
        }
        found
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut groups = Self::default();
        for group in Vec::<Group>::deserialize(deserializer)? {
            groups.insert(group).map_err(serde::de::Error::custom)?;
        }
        Ok(groups)
    }
}
