//! Validates the properties of a user as the directory does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::member;
use super::passwords::PasswordProfile;
use super::properties::USER;
use super::refusal::Refusal;
use super::values::{self, wrong_type};

/// The greatest length of the local part of a user principal name.
const LOCAL_PART: usize = 64;

/// The greatest length of a user principal name. Source: "Username policies" of Microsoft Entra.
const NAME: usize = 113;

/// The resource in Graph's messages.
const RESOURCE: &str = "User";

/// The properties that functions of this module read.
const OWN: [&str; 8] = [
    "accountEnabled",
    "displayName",
    "mailNickname",
    "userPrincipalName",
    "usageLocation",
    "passwordProfile",
    "userType",
    "mail",
];

/// The user in the body of `POST /users`. Whether the name is free and the domain is verified is
/// checked elsewhere.
pub struct NewUser<'a> {
    /// Whether the account can sign in.
    pub account_enabled: bool,
    /// The display name.
    pub display_name: &'a str,
    /// The mail nickname.
    pub mail_nickname: &'a str,
    /// The user principal name.
    pub user_principal_name: &'a str,
    /// The usage location, in upper case.
    pub usage_location: Option<String>,
    /// The user type, which may be null.
    pub user_type: Option<UserType>,
    /// The mail address.
    pub mail: Option<&'a str>,
    /// When the password is to be changed.
    pub password_profile: PasswordProfile,
    /// Other properties under Graph's names.
    pub other: BTreeMap<String, Value>,
}

impl<'a> NewUser<'a> {
    /// Reads the body. The password is validated and discarded.
    pub fn read(body: &'a Map<String, Value>) -> Result<Self, Refusal> {
        Ok(Self {
            account_enabled: account_enabled(body)?,
            display_name: display_name(body)?,
            mail_nickname: mail_nickname(body)?,
            user_principal_name: user_principal_name(body)?,
            usage_location: usage_location(body)?.map(str::to_ascii_uppercase),
            user_type: user_type(body)?.unwrap_or(Some(UserType::Member)),
            mail: mail(body)?,
            other: further(body)?,
            password_profile: PasswordProfile::of_new_user(body)?,
        })
    }
}

/// The type of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserType {
    /// A member of the tenant.
    Member,
    /// A guest of another tenant.
    Guest,
}

/// Returns the display name.
pub fn display_name(body: &Map<String, Value>) -> Result<&str, Refusal> {
    values::display_name(body, RESOURCE)
}

/// Returns the mail nickname.
pub fn mail_nickname(body: &Map<String, Value>) -> Result<&str, Refusal> {
    values::mail_nickname(body, RESOURCE)
}

/// Returns the user principal name, if it is well-formed.
pub fn user_principal_name(body: &Map<String, Value>) -> Result<&str, Refusal> {
    let name = values::required_text(body, "userPrincipalName", NAME, RESOURCE)?;
    let invalid = || {
        Refusal::bad("Property userPrincipalName is invalid.")
            .about("InvalidValue", "userPrincipalName")
    };
    let (local, domain) = name.split_once('@').ok_or_else(invalid)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
    let well_formed = !local.is_empty()
        && local.len() <= LOCAL_PART
        && local.chars().all(allowed)
        && !local.ends_with('.')
        && !domain.contains('@');
    if well_formed { Ok(name) } else { Err(invalid()) }
}

/// Returns the domain of a user principal name.
pub fn domain(user_principal_name: &str) -> &str {
    user_principal_name.split_once('@').map_or("", |(_, domain)| domain)
}

/// Returns the usage location, which may be null.
pub fn usage_location(body: &Map<String, Value>) -> Result<Option<&str>, Refusal> {
    let Some(value) = member(body, "usageLocation").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let invalid = || Refusal::invalid_value("usageLocation");
    let code = value.as_str().ok_or_else(invalid)?;
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_code { Ok(Some(code)) } else { Err(invalid()) }
}

/// Whether the account can sign in.
pub fn account_enabled(body: &Map<String, Value>) -> Result<bool, Refusal> {
    values::required(body, "accountEnabled", RESOURCE)?
        .as_bool()
        .ok_or_else(|| wrong_type("accountEnabled"))
}

/// Returns the user type in the body, if there is one. It may be null.
pub fn user_type(body: &Map<String, Value>) -> Result<Option<Option<UserType>>, Refusal> {
    match member(body, "userType") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Member") => {
            Ok(Some(Some(UserType::Member)))
        }
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Guest") => {
            Ok(Some(Some(UserType::Guest)))
        }
        Some(_) => Err(Refusal::invalid_value("userType")),
    }
}

/// Returns the mail address, which may be null and has no accents. Source: "user resource type".
pub fn mail(body: &Map<String, Value>) -> Result<Option<&str>, Refusal> {
    let Some(value) = member(body, "mail").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let part = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"@<>".contains(c))
    };
    let is_address =
        |text: &&str| text.split_once('@').is_some_and(|(local, at)| part(local) && part(at));
    let address = value.as_str().filter(is_address);
    address.map(Some).ok_or_else(|| Refusal::invalid_value("mail"))
}

/// Returns the properties that no function above reads, without annotations such as
/// `@odata.type`. Of references to other objects there is the manager's only.
pub fn further(body: &Map<String, Value>) -> Result<BTreeMap<String, Value>, Refusal> {
    let is_other = |name: &&String| {
        name.ends_with("@odata.bind") && !name.eq_ignore_ascii_case(super::references::MANAGER)
    };
    if let Some(name) = body.keys().find(is_other) {
        return Err(Refusal::not_simulated(name));
    }
    values::further(body, &OWN, USER, RESOURCE)
}
