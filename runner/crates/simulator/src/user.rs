//! A user of the tenant, with its licences.

use std::collections::BTreeMap;
use std::ops::Not;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::guid::Guid;
use super::plans::Plans;
use super::shared_str::SharedStr;
use super::time::Time;
use graph::accounts::UserType;

/// A user of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// The object id.
    pub id: Guid,
    /// The user principal name.
    pub user_principal_name: SharedStr,
    /// The display name.
    pub display_name: SharedStr,
    /// The mail alias.
    pub mail_nickname: SharedStr,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<SharedStr>,
    /// The usage location, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<SharedStr>,
    /// Whether the user can sign in.
    #[serde(default = "super::tenant::yes")]
    pub account_enabled: bool,
    /// Whether the user is a guest of another tenant.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub guest: bool,
    /// Whether the user type is null.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub untyped: bool,
    /// Whether there is a shared mailbox, which needs no licence.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub shared_mailbox: bool,
    /// The creation time.
    pub created_date_time: Time,
    /// When the sign-in sessions were revoked, as Unix time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_revoked: Option<i64>,
    /// The manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Guid>,
    /// The licences, direct ones and those by groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// The service plans, if they differ from those of the licences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<Box<Plans>>,
    /// Other properties by Graph's names, such as `jobTitle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Box<BTreeMap<String, Value>>>,
}

impl User {
    /// Creates an enabled member without licences or a mailbox.
    pub fn new(
        id: Guid,
        user_principal_name: impl Into<SharedStr>,
        display_name: impl Into<SharedStr>,
        mail_nickname: impl Into<SharedStr>,
        created_date_time: Time,
    ) -> Self {
        Self {
            id,
            user_principal_name: user_principal_name.into(),
            display_name: display_name.into(),
            mail_nickname: mail_nickname.into(),
            mail: None,
            usage_location: None,
            account_enabled: true,
            guest: false,
            untyped: false,
            shared_mailbox: false,
            created_date_time,
            sessions_revoked: None,
            manager: None,
            licenses: Vec::new(),
            plans: None,
            other: None,
        }
    }

    /// Sets the user type; `None` for null.
    pub fn set_type(&mut self, user_type: Option<UserType>) {
        self.guest = user_type == Some(UserType::Guest);
        self.untyped = user_type.is_none();
    }

    /// Returns `Member`, `Guest` or nothing.
    pub fn user_type(&self) -> Option<&'static str> {
        match (self.untyped, self.guest) {
            (true, _) => None,
            (false, true) => Some("Guest"),
            (false, false) => Some("Member"),
        }
    }

    /// Ends the sign-in sessions of the user, and notes the time under Graph's name `property`.
    pub fn end_sessions(&mut self, property: &str, at: Time) {
        self.sessions_revoked = Some(at.unix_milliseconds());
        let other = self.other.get_or_insert_default();
        other.insert(property.to_owned(), at.to_string().into());
    }

    /// Returns the licences without errors: one for each SKU, whose disabled plans are those that
    /// every assignment disables.
    pub fn assigned(&self) -> Vec<License> {
        let mut merged: Vec<License> = Vec::new();
        for license in self.licenses.iter().filter(|own| own.error.is_none()) {
            match merged.iter_mut().find(|own| own.sku_id == license.sku_id) {
                None => merged.push(license.clone()),
                Some(own) => own.disabled_plans.retain(|id| license.disabled_plans.contains(id)),
            }
        }
        merged
    }

    /// Returns whether the user has a licence of `sku_id`.
    pub fn has_license(&self, sku_id: Guid) -> bool {
        self.licenses.iter().any(|own| own.sku_id == sku_id && own.error.is_none())
    }
}

/// A licence of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// The SKU.
    pub sku_id: Guid,
    /// The disabled service plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled_plans: Vec<Guid>,
    /// The time of the assignment or its last change.
    pub assigned_date_time: Time,
    /// The group that assigns it; `None` for a direct assignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_by_group: Option<Guid>,
    /// Why the assignment failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LicenseError>,
}

impl License {
    /// Creates a direct assignment without an error.
    pub fn direct(sku_id: Guid, disabled_plans: Vec<Guid>, assigned_date_time: Time) -> Self {
        Self { sku_id, disabled_plans, assigned_date_time, assigned_by_group: None, error: None }
    }
}

/// Why a group's licence is not assigned. Source: "licenseAssignmentState resource type".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LicenseError {
    /// There is no free seat.
    CountViolation,
    /// The licence has a plan that excludes one of another licence.
    MutuallyExclusiveViolation,
    /// A plan of the licence needs another licence.
    DependencyViolation,
    /// A service is not available in the usage location.
    ProhibitedInUsageLocationViolation,
    /// Another user has the same address.
    UniquenessViolation,
    /// Another error.
    Other,
}

/// A deleted user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedUser {
    /// The time of the deletion.
    pub deleted_date_time: Time,
    /// The user before the deletion.
    pub user: User,
}
