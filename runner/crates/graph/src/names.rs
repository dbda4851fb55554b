//! The names of Graph's resources and operations, by which a missing one is told from a wrong one.
//!
//! Source: the metadata of Graph v1.0 of 2026-08-20: entity sets and singletons, navigation
//! properties, and bound actions and functions.

/// The resources of the root.
pub const ROOT: &str = "\
    admin agreementAcceptances agreements appCatalogs appRoleAssignments applicationTemplates \
    applications auditLogs authenticationMethodConfigurations authenticationMethodsPolicy \
    certificateBasedAuthConfiguration chats communications compliance connections contacts \
    contracts copilot dataPolicyOperations deviceAppManagement deviceManagement devices \
    directory directoryObjects directoryRoleTemplates directoryRoles domainDnsRecords domains \
    drive drives education employeeExperience external filterOperators functions \
    groupLifecyclePolicies groupSettingTemplates groupSettings groups identity \
    identityGovernance identityProtection identityProviders informationProtection invitations \
    me oauth2PermissionGrants organization permissionGrants places planner policies print \
    privacy reports roleManagement schemaExtensions scopedRoleMemberships search security \
    servicePrincipals shares sites solutions storage subscribedSkus subscriptions teams \
    teamsTemplates teamwork tenantRelationships users";

/// Those of a user.
pub const USER: &str = "\
    activities adhocCalls agreementAcceptances appRoleAssignments assignLicense authentication \
    calendar calendarGroups calendarView calendars changePassword chats checkMemberGroups \
    checkMemberObjects cloudClipboard cloudPCs contactFolders contacts createdObjects \
    dataSecurityAndGovernance deviceManagementTroubleshootingEvents directReports drive drives \
    employeeExperience events exportDeviceAndAppManagementData exportPersonalData extensions \
    findMeetingTimes followedSites getMailTips getManagedAppDiagnosticStatuses \
    getManagedAppPolicies getManagedDevicesWithAppFailures getMemberGroups getMemberObjects \
    inferenceClassification insights joinedTeams licenseDetails mailFolders \
    managedAppRegistrations managedDevices manager memberOf messages oauth2PermissionGrants \
    onPremisesSyncBehavior onenote onlineMeetings outlook ownedDevices ownedObjects people \
    permissionGrants photo photos planner presence registeredDevices reminderView \
    removeAllDevicesFromManagement reprocessLicenseAssignment restore retryServiceProvisioning \
    revokeSignInSessions scopedRoleMemberOf sendMail settings solutions sponsorOf sponsors \
    teamwork todo transitiveMemberOf translateExchangeIds \
    wipeManagedAppRegistrationsByDeviceTag";

/// Those of a group.
pub const GROUP: &str = "\
    acceptedSenders addFavorite appRoleAssignments assignLicense calendar calendarView \
    checkGrantedPermissionsForApp checkMemberGroups checkMemberObjects conversations \
    createdOnBehalfOf drive drives events extensions getMemberGroups getMemberObjects \
    groupLifecyclePolicies memberOf members membersWithLicenseErrors onPremisesSyncBehavior \
    onenote owners permissionGrants photo photos planner rejectedSenders removeFavorite renew \
    resetUnseenCount restore retryServiceProvisioning settings sites subscribeByMail team \
    threads transitiveMemberOf transitiveMembers unsubscribeByMail validateProperties";

/// Those of the tenant.
pub const ORGANIZATION: &str = "\
    branding certificateBasedAuthConfiguration checkMemberGroups checkMemberObjects extensions \
    getMemberGroups getMemberObjects restore setMobileDeviceManagementAuthority";

/// Those of a domain.
pub const DOMAIN: &str = "\
    domainNameReferences federationConfiguration forceDelete promote rootDomain \
    serviceConfigurationRecords verificationDnsRecords verify";

/// Those of the directory.
pub const DIRECTORY: &str = "\
    administrativeUnits attributeSets customSecurityAttributeDefinitions deletedItems \
    deviceLocalCredentials federationConfigurations onPremisesSynchronization \
    publicKeyInfrastructure recovery remoteTenantGroups subscriptions";

/// Those of any object of the directory.
pub const DIRECTORY_OBJECT: &str = "\
    checkMemberGroups checkMemberObjects getMemberGroups getMemberObjects restore";

/// The operations on all objects of a type.
pub const COLLECTION: &str = "\
    delta getAvailableExtensionProperties getByIds validateProperties";

/// Returns whether `names` has the name, whose case is ignored.
pub fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|own| own.eq_ignore_ascii_case(name))
}
