//! The types of Graph's metadata. Source: the metadata of Graph v1.0, without the properties that
//! are not there.

const FLAG: &str = "Edm.Boolean";
const GUID: &str = "Edm.Guid";
const GUIDS: &str = "Collection(Edm.Guid)";
const NUMBER: &str = "Edm.Int32";
const TIME: &str = "Edm.DateTimeOffset";
/// The type of a text.
pub const TEXT: &str = "Edm.String";
/// The type of a list of texts.
pub const TEXTS: &str = "Collection(Edm.String)";

/// Properties with their types.
type Properties = &'static [(&'static str, &'static str)];

/// The entities with their bases, without `user`.
pub const ENTITIES: &[(&str, Option<&str>, Properties)] = &[
    ("entity", None, &[("id", TEXT)]),
    ("directoryObject", Some("entity"), &[("deletedDateTime", TIME)]),
    (
        "organization",
        Some("directoryObject"),
        &[
            ("assignedPlans", "Collection(graph.assignedPlan)"),
            ("countryLetterCode", TEXT),
            ("createdDateTime", TIME),
            ("defaultUsageLocation", TEXT),
            ("displayName", TEXT),
            ("tenantType", TEXT),
            ("technicalNotificationMails", TEXTS),
            ("verifiedDomains", "Collection(graph.verifiedDomain)"),
        ],
    ),
    (
        "domain",
        Some("entity"),
        &[
            ("authenticationType", TEXT),
            ("availabilityStatus", TEXT),
            ("isAdminManaged", FLAG),
            ("isDefault", FLAG),
            ("isInitial", FLAG),
            ("isRoot", FLAG),
            ("isVerified", FLAG),
            ("passwordNotificationWindowInDays", NUMBER),
            ("passwordValidityPeriodInDays", NUMBER),
            ("supportedServices", TEXTS),
        ],
    ),
    (
        "subscribedSku",
        Some("entity"),
        &[
            ("accountId", TEXT),
            ("accountName", TEXT),
            ("appliesTo", TEXT),
            ("capabilityStatus", TEXT),
            ("consumedUnits", NUMBER),
            ("prepaidUnits", "graph.licenseUnitsDetail"),
            ("servicePlans", "Collection(graph.servicePlanInfo)"),
            ("skuId", GUID),
            ("skuPartNumber", TEXT),
            ("subscriptionIds", TEXTS),
        ],
    ),
    (
        "licenseDetails",
        Some("entity"),
        &[
            ("skuId", GUID),
            ("skuPartNumber", TEXT),
            ("servicePlans", "Collection(graph.servicePlanInfo)"),
        ],
    ),
];

/// The properties of a user that are neither texts nor lists of texts.
pub const TYPES_OF_USER: Properties = &[
    ("accountEnabled", FLAG),
    ("assignedLicenses", "Collection(graph.assignedLicense)"),
    ("assignedPlans", "Collection(graph.assignedPlan)"),
    ("createdDateTime", TIME),
    ("identities", "Collection(graph.objectIdentity)"),
    ("licenseAssignmentStates", "Collection(graph.licenseAssignmentState)"),
    ("onPremisesSyncEnabled", FLAG),
    ("passwordProfile", "graph.passwordProfile"),
    ("provisionedPlans", "Collection(graph.provisionedPlan)"),
];

/// The types without a key.
pub const STRUCTURES: &[(&str, Properties)] = &[
    ("assignedLicense", &[("disabledPlans", GUIDS), ("skuId", GUID)]),
    (
        "assignedPlan",
        &[
            ("assignedDateTime", TIME),
            ("capabilityStatus", TEXT),
            ("service", TEXT),
            ("servicePlanId", GUID),
        ],
    ),
    (
        "licenseAssignmentState",
        &[
            ("assignedByGroup", TEXT),
            ("disabledPlans", GUIDS),
            ("error", TEXT),
            ("lastUpdatedDateTime", TIME),
            ("skuId", GUID),
            ("state", TEXT),
        ],
    ),
    (
        "licenseUnitsDetail",
        &[("enabled", NUMBER), ("lockedOut", NUMBER), ("suspended", NUMBER), ("warning", NUMBER)],
    ),
    ("objectIdentity", &[("issuer", TEXT), ("issuerAssignedId", TEXT), ("signInType", TEXT)]),
    (
        "passwordProfile",
        &[
            ("forceChangePasswordNextSignIn", FLAG),
            ("forceChangePasswordNextSignInWithMfa", FLAG),
            ("password", TEXT),
        ],
    ),
    (
        "provisionedPlan",
        &[("capabilityStatus", TEXT), ("provisioningStatus", TEXT), ("service", TEXT)],
    ),
    (
        "servicePlanInfo",
        &[
            ("appliesTo", TEXT),
            ("provisioningStatus", TEXT),
            ("servicePlanId", GUID),
            ("servicePlanName", TEXT),
        ],
    ),
    (
        "verifiedDomain",
        &[
            ("capabilities", TEXT),
            ("isDefault", FLAG),
            ("isInitial", FLAG),
            ("name", TEXT),
            ("type", TEXT),
        ],
    ),
];

/// The collections below a version with the types of their items.
pub const SETS: &[(&str, &str)] = &[
    ("domains", "domain"),
    ("organization", "organization"),
    ("subscribedSkus", "subscribedSku"),
    ("users", "user"),
];
