//! Which fields identify whom. Sources: the resource types user, organization, message and
//! subscribedSku of Graph v1.0, and the inputs and outputs of the actions in `wit/`.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user name or mail address of whom the object is about.
    Address,
    /// The address of somebody else.
    OthersAddress,
    /// A whole name.
    Name,
    /// A first name.
    GivenName,
    /// A family name.
    Surname,
    /// The part of a user name before the domain.
    Nickname,
    /// The id of the object.
    Id,
    /// A telephone number.
    Phone,
    /// A domain of the tenant.
    Domain,
    /// The tenant's own name.
    TenantName,
    /// The tenant's id.
    TenantId,
    /// An id or a name that Microsoft gives everybody.
    Public,
}

/// What the field `name` holds, whatever object it is in; none when it identifies nobody.
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

/// The member that shows an object to be a tenant.
pub const OF_TENANT: &str = "verifiedDomains";

/// The parameters of an address that say where a list goes on. They are Graph's own, and
/// what is in them is a user's address, among other things.
pub const PAGES: [&str; 4] = ["$skiptoken", "$skipToken", "$deltatoken", "$deltaToken"];

/// Domains that are Microsoft's, not a tenant's.
pub const MICROSOFTS: [&str; 7] = [
    "microsoft.com",
    "microsoft.us",
    "microsoftonline.com",
    "microsoftonline.us",
    "onmicrosoft.com",
    "chinacloudapi.cn",
    "windows.net",
];
