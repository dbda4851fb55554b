//! Objects of the directory: users and groups, and their properties for queries.

use std::borrow::Cow;

use serde_json::Value;

use super::guid::Guid;
use super::tenant::{Group, Tenant, User};
use super::time::Time;
use graph::properties::{GROUP, Property, USER};

/// An object of the directory.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// A user.
    User(&'a User),
    /// A group.
    Group(&'a Group),
}

/// The type of the objects in a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Objects of any type.
    Any,
}

/// The value of a property for filters, searches and orders.
#[derive(Debug)]
pub enum Field<'a> {
    /// No value.
    Null,
    /// A boolean.
    Flag(bool),
    /// A text.
    Text(Cow<'a, str>),
    /// A time.
    Time(Time),
    /// A list of texts.
    Texts(Vec<Cow<'a, str>>),
}

impl Type {
    /// Returns Graph's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Any => "directoryObject",
        }
    }

    /// Returns the name of the type in Graph's messages.
    pub fn resource(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Any => "DirectoryObject",
        }
    }

    /// Returns the collection of the type.
    pub fn collection(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Any => "directoryObjects",
        }
    }

    /// Returns the properties of the type; objects of any type have those of users and groups.
    pub fn properties(self) -> impl Iterator<Item = &'static Property> + Clone {
        let users: &[Property] = if self == Self::Group { &[] } else { USER };
        let groups: &[Property] = if self == Self::User { &[] } else { GROUP };
        users.iter().chain(groups)
    }

    /// Finds a property by name, whose case is ignored.
    pub fn property(self, name: &str) -> Option<&'static Property> {
        self.properties().find(|own| own.name.eq_ignore_ascii_case(name))
    }
}

impl<'a> Object<'a> {
    /// Returns the object's id.
    pub fn id(self) -> Guid {
        match self {
            Self::User(user) => user.id,
            Self::Group(group) => group.id,
        }
    }

    /// Returns the object's type.
    pub fn kind(self) -> Type {
        match self {
            Self::User(_) => Type::User,
            Self::Group(_) => Type::Group,
        }
    }

    /// Returns the value of a property.
    pub fn field(self, name: &str) -> Field<'a> {
        match self {
            Self::User(user) => user_field(user, name),
            Self::Group(group) => group_field(group, name),
        }
    }
}

impl Tenant {
    /// Finds an object by its id.
    pub fn object(&self, id: Guid) -> Option<Object<'_>> {
        let user = self.users.get(id).map(Object::User);
        user.or_else(|| self.groups.get(id).map(Object::Group))
    }
}

impl<'a> Field<'a> {
    fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    fn ids(ids: impl Iterator<Item = Guid>) -> Self {
        Self::Texts(ids.map(|id| Cow::Owned(id.to_string())).collect())
    }

    fn addresses(mail: Option<&str>) -> Self {
        Self::Texts(mail.into_iter().map(|mail| Cow::Owned(format!("SMTP:{mail}"))).collect())
    }

    fn of_json(value: Option<&'a Value>) -> Self {
        match value {
            Some(Value::Bool(flag)) => Self::Flag(*flag),
            Some(Value::String(text)) => Self::text(text),
            Some(Value::Array(list)) => {
                Self::Texts(list.iter().filter_map(Value::as_str).map(Cow::Borrowed).collect())
            }
            _ => Self::Null,
        }
    }
}

fn user_field<'a>(user: &'a User, name: &str) -> Field<'a> {
    match name {
        "id" => Field::Text(Cow::Owned(user.id.to_string())),
        "userPrincipalName" => Field::text(&user.user_principal_name),
        "displayName" => Field::text(&user.display_name),
        "mailNickname" => Field::text(&user.mail_nickname),
        "mail" => Field::optional(user.mail.as_deref()),
        "proxyAddresses" => Field::addresses(user.mail.as_deref()),
        "usageLocation" => Field::optional(user.usage_location.as_deref()),
        "userType" => Field::optional(user.user_type()),
        "accountEnabled" => Field::Flag(user.account_enabled),
        "createdDateTime" => Field::Time(user.created_date_time),
        "assignedLicenses" => {
            let assigned = user.licenses.iter().filter(|own| own.error.is_none());
            Field::ids(assigned.map(|own| own.sku_id))
        }
        other => Field::of_json(user.other.as_ref().and_then(|others| others.get(other))),
    }
}

fn group_field<'a>(group: &'a Group, name: &str) -> Field<'a> {
    match name {
        "id" => Field::Text(Cow::Owned(group.id.to_string())),
        "displayName" => Field::text(&group.display_name),
        "mailNickname" => Field::text(&group.mail_nickname),
        "mail" => Field::optional(group.mail.as_deref()),
        "proxyAddresses" => Field::addresses(group.mail.as_deref()),
        "mailEnabled" => Field::Flag(group.unified),
        "securityEnabled" => Field::Flag(group.security_enabled),
        "visibility" => Field::optional(group.visibility.as_deref()),
        "createdDateTime" => Field::Time(group.created_date_time),
        "groupTypes" => {
            Field::Texts(group.unified.then_some(Cow::Borrowed("Unified")).into_iter().collect())
        }
        "assignedLicenses" => Field::ids(group.licenses.iter().map(|own| own.sku_id)),
        other => Field::of_json(group.other.get(other)),
    }
}
