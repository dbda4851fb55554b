//! `$filter` on users, in the documented forms.
//!
//! - `lex`: the lexer
//! - `parse`: the parser

mod lex;
mod parse;

use crate::guid::Guid;
use crate::refusal::Refusal;
use crate::tenant::User;

/// A condition on users.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All conditions hold.
    And(Vec<Filter>),
    /// One of the conditions holds.
    Or(Vec<Filter>),
    /// The condition does not hold.
    Not(Box<Filter>),
    /// A comparison of a property.
    Text {
        property: Text,
        /// The comparison.
        test: Test,
        /// The value in lower case, because the directory ignores case; `None` for null.
        value: Option<String>,
    },
    /// `accountEnabled eq ...`.
    Enabled(bool),
    /// `assignedLicenses/any(x:x/skuId eq ...)`.
    License(Guid),
    /// `proxyAddresses/any(x:x eq 'smtp:...')`, without the `smtp:`, in lower case.
    Address(String),
    /// `assignedLicenses/$count eq 0`.
    Unlicensed,
}

/// The string properties that support filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    Id,
    UserPrincipalName,
    DisplayName,
    Mail,
    MailNickname,
    UsageLocation,
    UserType,
    /// Another property, by Graph's name.
    Other(&'static str),
}

/// A comparison of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `eq`.
    Equals,
    /// `startswith`.
    StartsWith,
    /// `endswith`.
    EndsWith,
}

impl Filter {
    /// Parses the option. Some operators need an `advanced` query: the header
    /// `ConsistencyLevel: eventual` and `$count=true`. Source: "Advanced query capabilities on
    /// Microsoft Entra ID objects".
    pub fn parse(option: &str, advanced: bool) -> Result<Self, Refusal> {
        parse::filter(option, advanced)
    }

    /// Returns whether the condition holds for `user`.
    pub fn holds(&self, user: &User) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(user)),
            Self::Or(any) => any.iter().any(|one| one.holds(user)),
            Self::Not(inner) => !inner.holds(user),
            Self::Enabled(enabled) => user.account_enabled == *enabled,
            Self::License(sku) => user.licenses.iter().any(|license| license.sku_id == *sku),
            Self::Address(address) => {
                user.mail.as_ref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
            }
            Self::Unlicensed => user.licenses.is_empty(),
            Self::Text { property, test, value } => {
                let own = property.of(user).map(|own| own.to_lowercase());
                match (own, value) {
                    (Some(own), Some(value)) => test.holds(&own, value),
                    (own, value) => own.is_none() && value.is_none(),
                }
            }
        }
    }

    /// Returns whether a part of the condition is on licences.
    fn about_licences(&self) -> bool {
        match self {
            Self::And(of) | Self::Or(of) => of.iter().any(Self::about_licences),
            Self::Not(inner) => inner.about_licences(),
            Self::License(_) => true,
            _ => false,
        }
    }
}

impl Test {
    fn holds(self, own: &str, value: &str) -> bool {
        match self {
            Self::Equals => own == value,
            Self::StartsWith => own.starts_with(value),
            Self::EndsWith => own.ends_with(value),
        }
    }
}

impl Text {
    /// Returns the property with Graph's name `name`, if it supports filters.
    fn named(name: &str) -> Option<Self> {
        const OTHERS: &str =
            "givenName surname jobTitle department companyName city country state employeeId";
        Some(match name.to_ascii_lowercase().as_str() {
            "id" => Self::Id,
            "userprincipalname" => Self::UserPrincipalName,
            "displayname" => Self::DisplayName,
            "mail" => Self::Mail,
            "mailnickname" => Self::MailNickname,
            "usagelocation" => Self::UsageLocation,
            "usertype" => Self::UserType,
            other => {
                Self::Other(OTHERS.split(' ').find(|known| known.eq_ignore_ascii_case(other))?)
            }
        })
    }

    fn of(self, user: &User) -> Option<String> {
        match self {
            Self::Id => Some(user.id.to_string()),
            Self::UserPrincipalName => Some(user.user_principal_name.to_string()),
            Self::DisplayName => Some(user.display_name.to_string()),
            Self::Mail => user.mail.as_deref().map(ToOwned::to_owned),
            Self::MailNickname => Some(user.mail_nickname.to_string()),
            Self::UsageLocation => user.usage_location.as_deref().map(ToOwned::to_owned),
            Self::UserType => Some(user.user_type().to_owned()),
            Self::Other(name) => user.other.as_ref()?.get(name)?.as_str().map(ToOwned::to_owned),
        }
    }
}
