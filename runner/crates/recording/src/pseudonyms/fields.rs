//! The fields that identify somebody. Sources: the resource types user, organization, message and
//! subscribedSku of Graph v1.0, and the inputs and results of the actions in `wit/`.

/// What a field identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A user name or mail address of the user that the object describes.
    Address,
    /// The address of another user.
    OthersAddress,
    Name,
    GivenName,
    Surname,
    /// The part of a user name before the domain.
    Nickname,
    Id,
    Phone,
    Domain,
    TenantName,
    TenantId,
    /// An id or a name that is the same in every tenant.
    Public,
}

/// Returns what a field identifies, whatever object it is in.
pub fn kind(name: &str) -> Option<FieldKind> {
    Some(match name {
        "userPrincipalName" | "mail" | "email" | "userEmail" | "address" | "otherMails"
        | "proxyAddresses" | "imAddresses" => FieldKind::Address,
        "recipient" | "sender" => FieldKind::OthersAddress,
        "displayName" | "name" => FieldKind::Name,
        "givenName" => FieldKind::GivenName,
        "surname" => FieldKind::Surname,
        "mailNickname" | "onPremisesSamAccountName" => FieldKind::Nickname,
        "id" | "objectId" => FieldKind::Id,
        "mobilePhone" | "businessPhones" | "faxNumber" | "homePhones" | "phoneNumber" => {
            FieldKind::Phone
        }
        "tenant" | "tenantDomain" | "initialDomain" => FieldKind::Domain,
        "accountName" => FieldKind::TenantName,
        "tenantId" | "accountId" | "homeTenantId" => FieldKind::TenantId,
        "skuId" | "servicePlanId" | "disabledPlans" | "serviceId" | "roleTemplateId"
        | "removeLicenses" | "externalServiceId" | "skuPartNumber" | "servicePlanName" => {
            FieldKind::Public
        }
        _ => return None,
    })
}

/// The member that marks an object as a tenant.
pub const OF_TENANT: &str = "verifiedDomains";

/// The query parameters with Graph's position in a list, which contains a user's address.
pub const PAGES: [&str; 4] = ["$skiptoken", "$skipToken", "$deltatoken", "$deltaToken"];

pub const MICROSOFTS: [&str; 7] = [
    "microsoft.com",
    "microsoft.us",
    "microsoftonline.com",
    "microsoftonline.us",
    "onmicrosoft.com",
    "chinacloudapi.cn",
    "windows.net",
];
