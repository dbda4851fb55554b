//! The properties of a user.

/// The type of a property, which decides what a client may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// A text or null.
    Text,
    /// A list of texts.
    Texts,
    /// Read-only, or with rules of its own; null without a value.
    Fixed,
    /// A read-only list; empty without a value.
    FixedList,
}

/// The properties of a user. Source: the type `user` in the metadata of Graph v1.0, without
/// navigation properties and those that need licences or roles of their own.
pub const USER: &[(&str, PropertyKind)] = &[
    ("id", PropertyKind::Fixed),
    ("deletedDateTime", PropertyKind::Fixed),
    ("accountEnabled", PropertyKind::Fixed),
    ("ageGroup", PropertyKind::Text),
    ("assignedLicenses", PropertyKind::FixedList),
    ("assignedPlans", PropertyKind::FixedList),
    ("businessPhones", PropertyKind::Texts),
    ("city", PropertyKind::Text),
    ("companyName", PropertyKind::Text),
    ("consentProvidedForMinor", PropertyKind::Text),
    ("country", PropertyKind::Text),
    ("createdDateTime", PropertyKind::Fixed),
    ("creationType", PropertyKind::Fixed),
    ("department", PropertyKind::Text),
    ("displayName", PropertyKind::Fixed),
    ("employeeId", PropertyKind::Text),
    ("employeeType", PropertyKind::Text),
    ("externalUserState", PropertyKind::Fixed),
    ("faxNumber", PropertyKind::Text),
    ("givenName", PropertyKind::Text),
    ("identities", PropertyKind::FixedList),
    ("imAddresses", PropertyKind::FixedList),
    ("jobTitle", PropertyKind::Text),
    ("licenseAssignmentStates", PropertyKind::FixedList),
    ("mail", PropertyKind::Fixed),
    ("mailNickname", PropertyKind::Fixed),
    ("mobilePhone", PropertyKind::Text),
    ("officeLocation", PropertyKind::Text),
    ("onPremisesImmutableId", PropertyKind::Text),
    ("onPremisesSyncEnabled", PropertyKind::Fixed),
    ("otherMails", PropertyKind::Texts),
    ("passwordPolicies", PropertyKind::Text),
    ("passwordProfile", PropertyKind::Fixed),
    ("postalCode", PropertyKind::Text),
    ("preferredDataLocation", PropertyKind::Text),
    ("preferredLanguage", PropertyKind::Text),
    ("provisionedPlans", PropertyKind::FixedList),
    ("proxyAddresses", PropertyKind::FixedList),
    ("state", PropertyKind::Text),
    ("streetAddress", PropertyKind::Text),
    ("surname", PropertyKind::Text),
    ("usageLocation", PropertyKind::Fixed),
    ("userPrincipalName", PropertyKind::Fixed),
    ("userType", PropertyKind::Fixed),
];

/// The properties of a user without `$select`. Source: "Get a user".
pub const USER_DEFAULT: &[&str] = &[
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
