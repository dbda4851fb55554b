//! Users: the calls about one of them, and the few properties used.

use serde::{Deserialize, Deserializer, Serialize};

use super::Graph;
use super::error::CallError;
use super::paging::parse;
use super::path;
use super::request::{Call, Effect};
use super::retry::Answer;
use super::time;

/// The names of the calls in `wit/actions.toml`.
pub const GET: &str = "GET /users/{id}";
/// See [`GET`].
pub const CREATE: &str = "POST /users";
/// See [`GET`].
pub const DELETE: &str = "DELETE /users/{id}";
/// See [`GET`].
pub const ASSIGN_LICENSE: &str = "POST /users/{id}/assignLicense";

/// Graph leaves out licences and plans unless they are selected.
const SELECT: &str = "$select=id,displayName,userPrincipalName,usageLocation,createdDateTime,assignedLicenses,assignedPlans,provisionedPlans";

/// A user, as far as it is used here. What was not selected, or is null, is none or empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The object id.
    pub id: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The name to sign in with.
    pub user_principal_name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub usage_location: Option<String>,
    /// When the user was created, RFC 3339 in UTC.
    pub created_date_time: Option<String>,
    /// The licences, those inherited from a group too.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub assigned_licenses: Vec<AssignedLicense>,
    /// The service plans of the licences.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub assigned_plans: Vec<AssignedPlan>,
    /// The service plans that are set up.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub provisioned_plans: Vec<ProvisionedPlan>,
}

/// A licence of a user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedLicense {
    /// The SKU's id.
    pub sku_id: String,
    /// The service plans that are switched off.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub disabled_plans: Vec<String>,
}

/// A service plan of a user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedPlan {
    /// The service's name.
    pub service: Option<String>,
    /// The plan's id.
    pub service_plan_id: Option<String>,
    /// Whether it can be used.
    pub capability_status: Option<String>,
    /// When it was assigned.
    pub assigned_date_time: Option<String>,
}

/// A service plan that is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedPlan {
    /// Whether it can be used.
    pub capability_status: Option<String>,
    /// How far setting it up has come.
    pub provisioning_status: Option<String>,
    /// The service's name.
    pub service: Option<String>,
}

/// A user to be created; the fields in the order in which they are sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser<'a> {
    /// Whether the user can sign in.
    pub account_enabled: bool,
    /// The name that is shown.
    pub display_name: &'a str,
    /// The mail nickname.
    pub mail_nickname: &'a str,
    /// The name to sign in with.
    pub user_principal_name: &'a str,
    /// ISO 3166-1 alpha-2.
    pub usage_location: &'a str,
    /// The first password.
    pub password_profile: PasswordProfile<'a>,
}

/// A first password.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordProfile<'a> {
    /// Whether the user must choose another one at the first sign-in.
    pub force_change_password_next_sign_in: bool,
    /// The password.
    pub password: &'a str,
}

/// The body of `assignLicense`. Graph refuses it unless both lists are there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LicenseChange<'a> {
    add_licenses: [AddedLicense<'a>; 1],
    remove_licenses: [&'a str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddedLicense<'a> {
    sku_id: &'a str,
    disabled_plans: &'a [String],
}

impl User {
    /// The user's licence of the SKU `sku_id`.
    pub fn license(&self, sku_id: &str) -> Option<&AssignedLicense> {
        self.assigned_licenses
            .iter()
            .find(|license| license.sku_id.eq_ignore_ascii_case(sku_id))
    }

    /// When the user was created, in seconds since 1970.
    pub fn created_at(&self) -> Option<i64> {
        time::rfc3339_utc(self.created_date_time.as_deref()?)
    }
}

impl Graph<'_> {
    /// Reads the user whose object id or user principal name is `key`.
    ///
    /// # Errors
    /// Graph did not give it.
    pub fn user(&mut self, key: &str) -> Result<User, CallError> {
        let call = Call::read(GET, format!("{}?{SELECT}", path::user(key)));
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        parse(&response, "a user with an id")
    }

    /// Creates a user. Graph's answer holds no licences and no usage location.
    ///
    /// # Errors
    /// Graph did not create it; or [`CallError::Lost`] or [`CallError::Malformed`], when
    /// it may have done so. That is not tried again here.
    pub fn create_user(&mut self, user: &NewUser<'_>) -> Result<User, CallError> {
        let call = Call::post(CREATE, "/users".to_owned(), user, Effect::Once)?;
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        parse(&response, "a user with an id")
    }

    /// Gives the user with the object id `id` a licence of the SKU `sku_id`, without the
    /// service plans in `disabled_plans`. A licence that the user has is set to the same.
    ///
    /// # Errors
    /// Graph did not assign it; [`CallError::Lost`] when it may have done so.
    pub fn assign_license(
        &mut self,
        id: &str,
        sku_id: &str,
        disabled_plans: &[String],
    ) -> Result<(), CallError> {
        let change = LicenseChange {
            add_licenses: [AddedLicense {
                sku_id,
                disabled_plans,
            }],
            remove_licenses: [],
        };
        let path = format!("{}/assignLicense", path::user(id));
        let call = Call::post(ASSIGN_LICENSE, path, &change, Effect::Repeatable)?;
        self.send(&call)?.result.map_err(CallError::Fault)?;
        Ok(())
    }

    /// Deletes the user whose object id or user principal name is `key`. The answer says
    /// whether an earlier attempt may have deleted it.
    ///
    /// # Errors
    /// There is no answer.
    pub fn delete_user(&mut self, key: &str) -> Result<Answer, CallError> {
        self.send(&Call::delete(DELETE, path::user(key)))
    }
}

/// Graph may send null where its schema has a list.
fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}
