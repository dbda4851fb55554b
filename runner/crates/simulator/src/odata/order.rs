//! `$orderby` on users.

use crate::refusal::Refusal;
use crate::tenant::User;

/// An order of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    by: By,
    /// Whether the order is descending.
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    DisplayName,
    UserPrincipalName,
}

impl Order {
    /// Parses the option.
    pub fn parse(option: &str) -> Result<Self, Refusal> {
        let mut words = option.split_whitespace();
        let property = words.next().unwrap_or_default();
        let by = match property.to_ascii_lowercase().as_str() {
            "displayname" => By::DisplayName,
            "userprincipalname" => By::UserPrincipalName,
            _ => {
                return Err(Refusal::unsupported(format!(
                    "Sorting not supported for property '{property}'."
                )));
            }
        };
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(Refusal::malformed(format!(
                    "Syntax error at '{other}' in '{option}'."
                )));
            }
        };
        Ok(Self { by, descending })
    }

    /// Returns the sort key of a user.
    pub fn key(self, user: &User) -> String {
        match self.by {
            By::DisplayName => user.display_name.to_lowercase(),
            By::UserPrincipalName => user.user_principal_name.to_lowercase(),
        }
    }
}
