//! The fields that identify somebody. Sources: the resource types user, organization, message and
//! subscribedSku of Graph v1.0, and the inputs and results of the actions in `wit/`.

/// What a field identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
pub fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "userPrincipalName" | "mail" | "email" | "userEmail" | "address" | "otherMails"
        | "proxyAddresses" | "imAddresses" => Kind::Address,
        "recipient" | "sender" => Kind::OthersAddress,
        "displayName" | "name" => Kind::Name,
        "givenName" => Kind::GivenName,
        "surname" => Kind::Surname,
        "mailNickname" | "onPremisesSamAccountName" => Kind::Nickname,
        "id" | "objectId" => Kind::Id,
        "mobilePhone" | "businessPhones" | "faxNumber" | "homePhones" | "phoneNumber" => {
            Kind::Phone
        }
        "tenant" | "tenantDomain" | "initialDomain" => Kind::Domain,
        "accountName" => Kind::TenantName,
        "tenantId" | "accountId" | "homeTenantId" => Kind::TenantId,
        "skuId" | "servicePlanId" | "disabledPlans" | "serviceId" | "roleTemplateId"
        | "removeLicenses" | "externalServiceId" | "skuPartNumber" | "servicePlanName" => {
            Kind::Public
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
