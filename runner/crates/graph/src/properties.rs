//! The properties of a user.

/// What kind of value a property has, which is what a client may write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text or null.
    Text,
    /// A list of texts.
    Texts,
    /// Nothing that a client may write; null where there is no value.
    Fixed,
    /// The same for lists; empty where there is no value.
    FixedList,
}

/// The properties of a type: names and kinds.
pub type Properties = &'static [(&'static str, Kind)];

/// The properties of a user. Source: the type `user` of Graph v1.0's metadata, less
/// navigation and what needs licences or roles of its own.
pub const USER: Properties = &[
    ("id", Kind::Fixed),
    ("deletedDateTime", Kind::Fixed),
    ("accountEnabled", Kind::Fixed),
    ("ageGroup", Kind::Text),
    ("assignedLicenses", Kind::FixedList),
    ("assignedPlans", Kind::FixedList),
    ("businessPhones", Kind::Texts),
    ("city", Kind::Text),
    ("companyName", Kind::Text),
    ("consentProvidedForMinor", Kind::Text),
    ("country", Kind::Text),
    ("createdDateTime", Kind::Fixed),
    ("creationType", Kind::Fixed),
    ("department", Kind::Text),
    ("displayName", Kind::Fixed),
    ("employeeId", Kind::Text),
    ("employeeType", Kind::Text),
    ("externalUserState", Kind::Fixed),
    ("faxNumber", Kind::Text),
    ("givenName", Kind::Text),
    ("identities", Kind::FixedList),
    ("imAddresses", Kind::FixedList),
    ("jobTitle", Kind::Text),
    ("licenseAssignmentStates", Kind::FixedList),
    ("mail", Kind::Fixed),
    ("mailNickname", Kind::Fixed),
    ("mobilePhone", Kind::Text),
    ("officeLocation", Kind::Text),
    ("onPremisesImmutableId", Kind::Text),
    ("onPremisesSyncEnabled", Kind::Fixed),
    ("otherMails", Kind::Texts),
    ("passwordPolicies", Kind::Text),
    ("postalCode", Kind::Text),
    ("preferredDataLocation", Kind::Text),
    ("preferredLanguage", Kind::Text),
    ("provisionedPlans", Kind::FixedList),
    ("proxyAddresses", Kind::FixedList),
    ("state", Kind::Text),
    ("streetAddress", Kind::Text),
    ("surname", Kind::Text),
    ("usageLocation", Kind::Fixed),
    ("userPrincipalName", Kind::Fixed),
    ("userType", Kind::Fixed),
];

/// What Graph gives of a user when nothing is selected. Source: "Get a user".
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
