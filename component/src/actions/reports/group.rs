//! Which users a report is about.

use crate::graph::listed_user::ListedUser;

/// The users of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Those who have at least one licence.
    WithLicenses,
    /// Those who have none.
    WithoutLicenses,
}

impl Group {
    /// Whether `user` is one of them.
    pub fn has(self, user: &ListedUser) -> bool {
        user.has_license() == (self == Group::WithLicenses)
    }

    /// The report's title.
    pub fn title(self) -> &'static str {
        match self {
            Group::WithLicenses => "Users with licenses",
            Group::WithoutLicenses => "Users without licenses",
        }
    }

    /// What the report shows.
    pub fn description(self) -> &'static str {
        match self {
            Group::WithLicenses => {
                "Shows all users in tenant that have at least one assigned license."
            }
            Group::WithoutLicenses => "Shows all users in tenant that have no assigned licenses.",
        }
    }

    /// The name of the action that reports them by page.
    pub fn page_action(self) -> &'static str {
        match self {
            Group::WithLicenses => "users-with-licenses-page",
            Group::WithoutLicenses => "users-without-licenses-page",
        }
    }
}
