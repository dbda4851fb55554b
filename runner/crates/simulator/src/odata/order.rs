//! `$orderby` on objects of the directory.

use super::super::objects::{Field, Object, Type};
use crate::refusal::Refusal;

/// An order of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    property: &'static str,
    /// Whether the order is descending.
    pub descending: bool,
}

impl Order {
    /// Parses the option, for objects of the type `kind`. Source of the properties: "Advanced query
    /// capabilities on Microsoft Entra ID objects".
    pub fn parse(option: &str, kind: Type, advanced: bool) -> Result<Self, Refusal> {
        let mut words = option.split_whitespace();
        let name = words.next().unwrap_or_default();
        let property = match (kind, name.to_ascii_lowercase().as_str()) {
            (_, "displayname") => "displayName",
            (Type::User, "userprincipalname") => "userPrincipalName",
            (Type::User, "createddatetime") if advanced => "createdDateTime",
            _ => {
                return Err(Refusal::unsupported(format!(
                    "Sorting not supported for property '{name}'."
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
        Ok(Self { property, descending })
    }

    /// Returns the sort key of an object.
    pub fn key(self, object: Object<'_>) -> String {
        match object.field(self.property) {
            Field::Text(text) => text.to_lowercase(),
            Field::Time(time) => time.to_string(),
            _ => String::new(),
        }
    }
}
