//! The properties of directory objects: what a client may write of them, and filter by.
//!
//! - `user`, `group`: the properties of each type

mod group;
mod user;

pub use group::{GROUP, GROUP_DEFAULT};
pub use user::{USER, USER_DEFAULT};

/// A property of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Graph's name.
    pub name: &'static str,
    /// The type.
    pub kind: PropertyKind,
    /// The supported filters.
    pub filters: Filters,
}

/// The type of a property, which decides what a client may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// A text or null.
    Text,
    /// A list of texts.
    Texts,
    /// A boolean or null.
    Flag,
    /// A time or null.
    Time,
    /// An object or null.
    Object,
    /// Read-only, or with rules of its own; null without a value.
    Fixed,
    /// A boolean of the same sort.
    FixedFlag,
    /// A time of the same sort.
    FixedTime,
    /// A read-only list; empty without a value.
    FixedList,
    /// A property that clients of Graph write, and those of the simulator cannot; null.
    Unwritten,
    /// A list of the same sort.
    UnwrittenList,
    /// A property that other services than the directory keep, and the simulator has not.
    Elsewhere,
}

/// The filters on a property. `in` is supported as `eq` is, `not` and `ne` as `eq` with advanced
/// query parameters. Source: "Advanced query capabilities on Microsoft Entra ID objects".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters {
    /// `eq`.
    pub equal: Support,
    /// `eq null`.
    pub null: Support,
    /// `ge` and `le`.
    pub range: Support,
    /// `startsWith`.
    pub prefix: Support,
}

/// How a filter is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Not at all.
    No,
    /// With the advanced query parameters.
    Advanced,
    /// Always.
    Always,
}

impl Property {
    /// Returns whether the value is a list.
    pub fn is_list(&self) -> bool {
        matches!(
            self.kind,
            PropertyKind::Texts | PropertyKind::FixedList | PropertyKind::UnwrittenList
        )
    }
}

impl Filters {
    /// No filter.
    pub const NONE: Self = Self::of("----");

    /// Reads a row of a table: a letter each for `eq`, `eq null`, `ge` and `le`, and `startsWith`;
    /// `d` for "by default", `a` for "advanced" and `-` for "not supported".
    const fn of(row: &str) -> Self {
        let [equal, null, range, prefix] = match row.as_bytes() {
            [equal, null, range, prefix] => [*equal, *null, *range, *prefix],
            _ => [b'-'; 4],
        };
        Self {
            equal: Support::of(equal),
            null: Support::of(null),
            range: Support::of(range),
            prefix: Support::of(prefix),
        }
    }
}

impl Support {
    const fn of(letter: u8) -> Self {
        match letter {
            b'd' => Self::Always,
            b'a' => Self::Advanced,
            _ => Self::No,
        }
    }
}

const fn property(name: &'static str, kind: PropertyKind, filters: &str) -> Property {
    Property { name, kind, filters: Filters::of(filters) }
}

/// Finds a property by name, whose case is ignored.
pub fn find(properties: &'static [Property], name: &str) -> Option<&'static Property> {
    properties.iter().find(|own| own.name.eq_ignore_ascii_case(name))
}
