//! `$filter` on objects of the directory, in the documented forms.
//!
//! - `lex`: the lexer
//! - `parse`: the parser

mod lex;
mod parse;

use std::borrow::Cow;

use crate::objects::{Field, Object, Type};
use crate::refusal::Refusal;
use crate::time::Time;

/// A condition on objects.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All conditions hold.
    And(Vec<Filter>),
    /// One of the conditions holds.
    Or(Vec<Filter>),
    /// The condition does not hold.
    Not(Box<Filter>),
    /// A comparison of a property, or of any item of a list.
    Compare {
        /// Graph's name of the property.
        property: &'static str,
        /// The comparison.
        test: Test,
        /// The value.
        value: Literal,
    },
    /// `property/$count eq 0`.
    Empty(&'static str),
}

/// The value of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A text in lower case, because the directory ignores case.
    Text(String),
    /// A time.
    Time(Time),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `eq`.
    Equals,
    /// `ge`.
    AtLeast,
    /// `le`.
    AtMost,
    /// `startsWith`.
    StartsWith,
    /// `endsWith`.
    EndsWith,
}

impl Filter {
    /// Parses the option, for objects of the type `kind`. Some operators need an `advanced` query:
    /// the header `ConsistencyLevel: eventual` and `$count=true`. Source: "Advanced query
    /// capabilities on Microsoft Entra ID objects".
    pub fn parse(option: &str, kind: Type, advanced: bool) -> Result<Self, Refusal> {
        parse::filter(option, kind, advanced)
    }

    /// Returns whether the condition holds for `object`.
    pub fn holds(&self, object: Object<'_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(object)),
            Self::Or(any) => any.iter().any(|one| one.holds(object)),
            Self::Not(inner) => !inner.holds(object),
            Self::Compare { property, test, value } => test.holds(&object.field(property), value),
            Self::Empty(property) => match object.field(property) {
                Field::Texts(list) => list.is_empty(),
                Field::Null => true,
                _ => false,
            },
        }
    }

    /// Returns whether a part of the condition is on licences.
    fn about_licences(&self) -> bool {
        match self {
            Self::And(of) | Self::Or(of) => of.iter().any(Self::about_licences),
            Self::Not(inner) => inner.about_licences(),
            Self::Compare { property, .. } => *property == "assignedLicenses",
            Self::Empty(_) => false,
        }
    }
}

impl Test {
    fn holds(self, own: &Field<'_>, value: &Literal) -> bool {
        match (own, value) {
            (Field::Null, value) => *value == Literal::Null,
            (Field::Flag(own), Literal::Flag(value)) => own == value,
            (Field::Time(own), Literal::Time(value)) => self.ordered(own, value),
            (Field::Text(own), Literal::Text(value)) => self.text(own, value),
            (Field::Text(own), Literal::Time(value)) => {
                own.parse().is_ok_and(|own: Time| self.ordered(&own, value))
            }
            (Field::Texts(list), Literal::Text(value)) => {
                list.iter().any(|own: &Cow<'_, str>| self.text(own, value))
            }
            _ => false,
        }
    }

    fn text(self, own: &str, value: &String) -> bool {
        let own = own.to_lowercase();
        match self {
            Self::StartsWith => own.starts_with(value),
            Self::EndsWith => own.ends_with(value),
            _ => self.ordered(&own, value),
        }
    }

    fn ordered<T: Ord>(self, own: &T, value: &T) -> bool {
        match self {
            Self::AtLeast => own >= value,
            Self::AtMost => own <= value,
            _ => own == value,
        }
    }
}
