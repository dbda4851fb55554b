//! How objects of the directory refer to each other.

use std::collections::BTreeSet;

use super::guid::Guid;
use super::objects::{Object, Type};
use super::tenant::Tenant;

/// A navigation property of users or groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The manager of a user.
    Manager,
    /// The users whose manager the user is.
    DirectReports,
    /// The groups with the object.
    MemberOf,
    /// The groups with the object, directly or through other groups.
    TransitiveMemberOf,
    /// The groups that the user owns.
    OwnedObjects,
    /// The members of a group.
    Members,
    /// The members of a group and of the groups in it.
    TransitiveMembers,
    /// The owners of a group.
    Owners,
    /// The members for whom a licence of the group is in error.
    MembersWithLicenseErrors,
}

/// Graph's names of the relations.
const NAMES: [(Relation, &str); 9] = [
    (Relation::Manager, "manager"),
    (Relation::DirectReports, "directReports"),
    (Relation::MemberOf, "memberOf"),
    (Relation::TransitiveMemberOf, "transitiveMemberOf"),
    (Relation::OwnedObjects, "ownedObjects"),
    (Relation::Members, "members"),
    (Relation::TransitiveMembers, "transitiveMembers"),
    (Relation::Owners, "owners"),
    (Relation::MembersWithLicenseErrors, "membersWithLicenseErrors"),
];

impl Relation {
    /// Finds the relation of a type by name, whose case is ignored.
    pub fn find(kind: Type, name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(_, own)| own.eq_ignore_ascii_case(name));
        found.map(|(relation, _)| *relation).filter(|relation| relation.is_of(kind))
    }

    /// Returns Graph's name.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(relation, _)| *relation == self);
        found.map_or("", |(_, name)| *name)
    }

    /// Returns whether objects of the type have the relation.
    fn is_of(self, kind: Type) -> bool {
        match self {
            Self::Manager | Self::DirectReports | Self::OwnedObjects => kind == Type::User,
            Self::MemberOf | Self::TransitiveMemberOf => true,
            Self::Members
            | Self::TransitiveMembers
            | Self::Owners
            | Self::MembersWithLicenseErrors => kind == Type::Group,
        }
    }
}

impl Tenant {
    /// Returns the ids of the objects to which `object` refers. Deleted ones may be among them.
    pub fn related(&self, object: Object<'_>, relation: Relation) -> BTreeSet<Guid> {
        let id = object.id();
        match (relation, object) {
            (Relation::Manager, Object::User(user)) => user.manager.into_iter().collect(),
            (Relation::DirectReports, _) => {
                let reports = self.users.iter().filter(|user| user.manager == Some(id));
                reports.map(|user| user.id).collect()
            }
            (Relation::MemberOf, _) => self.groups.of_member(id).map(|group| group.id).collect(),
            (Relation::TransitiveMemberOf, _) => self.groups.of_member_transitively(id),
            (Relation::OwnedObjects, _) => {
                let owned = self.groups.iter().filter(|group| group.owners.contains(&id));
                owned.map(|group| group.id).collect()
            }
            (Relation::Members, Object::Group(group)) => group.members.clone(),
            (Relation::TransitiveMembers, _) => self.groups.transitive_members(id),
            (Relation::Owners, Object::Group(group)) => group.owners.clone(),
            (Relation::MembersWithLicenseErrors, Object::Group(group)) => {
                let members = group.members.iter().copied();
                members.filter(|member| self.has_license_error(*member, id)).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Returns whether a licence of `group` is in error for the user `id`.
    fn has_license_error(&self, id: Guid, group: Guid) -> bool {
        self.users.get(id).is_some_and(|user| {
            user.licenses
                .iter()
                .any(|own| own.assigned_by_group == Some(group) && own.error.is_some())
        })
    }

    /// Returns whether a licence of `group` is in error for a member.
    pub fn has_license_errors(&self, group: Guid) -> bool {
        let members = self.groups.get(group).into_iter().flat_map(|group| &group.members);
        members.copied().any(|member| self.has_license_error(member, group))
    }
}
