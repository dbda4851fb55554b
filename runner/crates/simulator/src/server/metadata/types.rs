//! The types of Graph's metadata. Source: the metadata of Graph v1.0, without the properties that
//! are not there.

/// The type of a boolean.
pub const FLAG: &str = "Edm.Boolean";
const GUID: &str = "Edm.Guid";
const GUIDS: &str = "Collection(Edm.Guid)";
const NUMBER: &str = "Edm.Int32";
/// The type of a time.
pub const TIME: &str = "Edm.DateTimeOffset";
/// The type of a text.
pub const TEXT: &str = "Edm.String";
/// The type of a list of texts.
pub const TEXTS: &str = "Collection(Edm.String)";

/// Properties with their types.
type Properties = &'static [(&'static str, &'static str)];

/// The entities with their bases, without `user` and `group`.
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

/// The types of the properties of users and groups that their kinds do not tell.
pub const TYPES: Properties = &[
    ("assignedLabels", "Collection(graph.assignedLabel)"),
    ("assignedLicenses", "Collection(graph.assignedLicense)"),
    ("assignedPlans", "Collection(graph.assignedPlan)"),
    ("authorizationInfo", "graph.authorizationInfo"),
    ("customSecurityAttributes", "graph.customSecurityAttributeValue"),
    ("deviceEnrollmentLimit", NUMBER),
    ("employeeOrgData", "graph.employeeOrgData"),
    ("identities", "Collection(graph.objectIdentity)"),
    ("licenseAssignmentStates", "Collection(graph.licenseAssignmentState)"),
    ("licenseProcessingState", "graph.licenseProcessingState"),
    ("mailboxSettings", "graph.mailboxSettings"),
    ("onPremisesExtensionAttributes", "graph.onPremisesExtensionAttributes"),
    ("onPremisesProvisioningErrors", "Collection(graph.onPremisesProvisioningError)"),
    ("passwordProfile", "graph.passwordProfile"),
    ("print", "graph.userPrint"),
    ("provisionedPlans", "Collection(graph.provisionedPlan)"),
    ("serviceProvisioningErrors", "Collection(graph.serviceProvisioningError)"),
    ("signInActivity", "graph.signInActivity"),
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
    ("assignedLabel", &[("displayName", TEXT), ("labelId", TEXT)]),
    ("authorizationInfo", &[("certificateUserIds", TEXTS)]),
    ("customSecurityAttributeValue", &[]),
    ("employeeOrgData", &[("costCenter", TEXT), ("division", TEXT)]),
    ("licenseProcessingState", &[("state", TEXT)]),
    (
        "mailboxSettings",
        &[("archiveFolder", TEXT), ("dateFormat", TEXT), ("timeFormat", TEXT), ("timeZone", TEXT)],
    ),
    (
        "onPremisesExtensionAttributes",
        &[
            ("extensionAttribute1", TEXT),
            ("extensionAttribute10", TEXT),
            ("extensionAttribute11", TEXT),
            ("extensionAttribute12", TEXT),
            ("extensionAttribute13", TEXT),
            ("extensionAttribute14", TEXT),
            ("extensionAttribute15", TEXT),
            ("extensionAttribute2", TEXT),
            ("extensionAttribute3", TEXT),
            ("extensionAttribute4", TEXT),
            ("extensionAttribute5", TEXT),
            ("extensionAttribute6", TEXT),
            ("extensionAttribute7", TEXT),
            ("extensionAttribute8", TEXT),
            ("extensionAttribute9", TEXT),
        ],
    ),
    (
        "onPremisesProvisioningError",
        &[
            ("category", TEXT),
            ("occurredDateTime", TIME),
            ("propertyCausingError", TEXT),
            ("value", TEXT),
        ],
    ),
    (
        "serviceProvisioningError",
        &[("createdDateTime", TIME), ("isResolved", FLAG), ("serviceInstance", TEXT)],
    ),
    (
        "signInActivity",
        &[
            ("lastNonInteractiveSignInDateTime", TIME),
            ("lastNonInteractiveSignInRequestId", TEXT),
            ("lastSignInDateTime", TIME),
            ("lastSignInRequestId", TEXT),
            ("lastSuccessfulSignInDateTime", TIME),
            ("lastSuccessfulSignInRequestId", TEXT),
        ],
    ),
    ("userPrint", &[]),
];

/// The collections below a version with the types of their items.
pub const SETS: &[(&str, &str)] = &[
    ("domains", "domain"),
    ("groups", "group"),
    ("organization", "organization"),
    ("subscribedSkus", "subscribedSku"),
    ("users", "user"),
];
