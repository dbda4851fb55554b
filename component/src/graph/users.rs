//! Users: the calls about one of them, and the few properties used.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::Value;

use super::Graph;
use super::error::CallError;
use super::json::{self, FromJson, Unread};
use super::operation;
use super::path;
use super::request::Call;
use super::retry::Answer;
use super::time;

/// Graph leaves out licences and plans unless they are selected.
const SELECT: &str = "$select=id,displayName,userPrincipalName,usageLocation,createdDateTime,assignedLicenses,assignedPlans,provisionedPlans,licenseAssignmentStates";

/// A user, as far as it is used here. What was not selected, or is null, is none or empty.
#[derive(Clone, Debug)]
pub struct User {
    /// The object id.
    pub id: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The name to sign in with.
    pub user_principal_name: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub usage_location: Option<String>,
    /// When the user was created, RFC 3339 in UTC.
    pub created_date_time: Option<String>,
    /// The licences, those inherited from a group too.
    pub assigned_licenses: Vec<AssignedLicense>,
    /// The service plans of the licences.
    pub assigned_plans: Vec<AssignedPlan>,
    /// The service plans that are set up.
    pub provisioned_plans: Vec<ProvisionedPlan>,
    /// The assignments of licences that the licences do not tell of by themselves.
    pub license_states: Vec<LicenseState>,
}

/// A licence of a user.
#[derive(Clone, Debug)]
pub struct AssignedLicense {
    /// The SKU's id.
    pub sku_id: String,
    /// The service plans that are switched off.
    pub disabled_plans: Vec<String>,
}

/// A service plan of a user.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct ProvisionedPlan {
    /// Whether it can be used.
    pub capability_status: Option<String>,
    /// How far setting it up has come.
    pub provisioning_status: Option<String>,
    /// The service's name.
    pub service: Option<String>,
}

/// The state of a licence's assignment that is by a group or has an error. A direct one without
/// an error tells nothing that [`AssignedLicense`] does not, and most are such ones. Source:
/// "licenseAssignmentState resource type", Graph v1.0 reference.
#[derive(Clone, Debug)]
pub struct LicenseState {
    /// The SKU's id.
    pub sku_id: String,
    /// The group's object id; none for a direct assignment.
    pub group_id: Option<String>,
    /// `Active`, `ActiveWithError`, `Disabled` or `Error`.
    pub state: Option<String>,
    /// What is wrong; none where nothing is, for which Graph writes `None`.
    pub error: Option<String>,
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

impl FromJson for User {
    fn from_json(user: &Value) -> Option<Self> {
        Some(User {
            id: json::text(user, "id").filter(|id| !id.is_empty())?,
            display_name: json::text(user, "displayName"),
            user_principal_name: json::text(user, "userPrincipalName"),
            mail: json::text(user, "mail").filter(|mail| !mail.is_empty()),
            usage_location: json::text(user, "usageLocation"),
            created_date_time: json::text(user, "createdDateTime"),
            assigned_licenses: json::list(user, "assignedLicenses"),
            assigned_plans: json::list(user, "assignedPlans"),
            provisioned_plans: json::list(user, "provisionedPlans"),
            license_states: json::list(user, "licenseAssignmentStates"),
        })
    }
}

impl FromJson for AssignedLicense {
    fn from_json(license: &Value) -> Option<Self> {
        Some(AssignedLicense {
            sku_id: json::text(license, "skuId")?,
            disabled_plans: json::texts(license, "disabledPlans"),
        })
    }
}

impl FromJson for AssignedPlan {
    fn from_json(plan: &Value) -> Option<Self> {
        Some(AssignedPlan {
            service: json::text(plan, "service"),
            service_plan_id: json::text(plan, "servicePlanId"),
            capability_status: json::text(plan, "capabilityStatus"),
            assigned_date_time: json::text(plan, "assignedDateTime"),
        })
    }
}

impl FromJson for ProvisionedPlan {
    fn from_json(plan: &Value) -> Option<Self> {
        Some(ProvisionedPlan {
            capability_status: json::text(plan, "capabilityStatus"),
            provisioning_status: json::text(plan, "provisioningStatus"),
            service: json::text(plan, "service"),
        })
    }
}

impl FromJson for LicenseState {
    /// Reads one; `None` also for one that tells nothing.
    fn from_json(state: &Value) -> Option<Self> {
        let error = json::text(state, "error").filter(|error| is_an_error(error));
        let read = LicenseState {
            sku_id: json::text(state, "skuId")?,
            group_id: json::text(state, "assignedByGroup"),
            state: json::text(state, "state"),
            error,
        };
        (read.group_id.is_some() || read.is_error()).then_some(read)
    }
}

impl LicenseState {
    /// Whether the licence could not be assigned, or only in part.
    fn is_error(&self) -> bool {
        self.error.is_some() || is_failed(self.state.as_deref())
    }
}

/// Whether the `error` of an assignment names one.
pub(super) fn is_an_error(error: &str) -> bool {
    !error.eq_ignore_ascii_case("none")
}

/// Whether an assignment with the `state` could not be carried out, or only in part.
pub(super) fn is_failed(state: Option<&str>) -> bool {
    is_one_of(state, &["Error", "ActiveWithError"])
}

/// Whether an assignment with the `state` gives the licence, as far as it tells itself.
pub(super) fn is_active(state: Option<&str>) -> bool {
    is_one_of(state, &["Active", "ActiveWithError"])
}

fn is_one_of(state: Option<&str>, states: &[&str]) -> bool {
    let state = state.unwrap_or_default();
    states.iter().any(|known| known.eq_ignore_ascii_case(state))
}

impl User {
    /// Reads a user whose licences were asked for. One whose licences are not there would be
    /// taken for one without any. Graph gives null for what the permission does not cover,
    /// as `User.ReadBasic.All` does not cover licences.
    ///
    /// # Errors
    /// The licences are not there, or it is no user with an id.
    pub fn with_licenses(user: &Value) -> Result<Self, Unread> {
        let licenses = match user.get("assignedLicenses") {
            Some(Value::Array(licenses)) => licenses.len(),
            Some(Value::Null) | None if user.is_object() => {
                return Err(Unread::Hidden("assignedLicenses"));
            }
            _ => return Err(Unread::Malformed),
        };
        let user = User::from_json(user).filter(|user| user.assigned_licenses.len() == licenses);
        user.ok_or(Unread::Malformed)
    }

    /// The user's licence of the SKU `sku_id`.
    pub fn license(&self, sku_id: &str) -> Option<&AssignedLicense> {
        self.assigned_licenses.iter().find(|license| license.sku_id.eq_ignore_ascii_case(sku_id))
    }

    /// The licences that the user has by a group: pairs of the SKU's id and the group's. The
    /// licences have to show them too: a group's licence can be on its way to the user or back.
    pub fn licenses_of_groups(&self) -> impl Iterator<Item = (&str, &str)> {
        let active = self.license_states.iter().filter(|state| is_active(state.state.as_deref()));
        let shown = active.filter(|state| self.license(&state.sku_id).is_some());
        shown.filter_map(|state| Some((state.sku_id.as_str(), state.group_id.as_deref()?)))
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
        let call = Call::read(&operation::GET_USER, format!("{}?{SELECT}", path::user(key)));
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        json::read(&response, "a user with an id", User::with_licenses)
    }

    /// Creates a user. Graph's response holds no licences and no usage location.
    ///
    /// # Errors
    /// Graph did not create it; or [`CallError::Lost`], when it may have done so. That is
    /// not tried again here.
    pub fn create_user(&mut self, user: &NewUser<'_>) -> Result<User, CallError> {
        let call = Call::post(&operation::CREATE_USER, "/users".to_owned(), user)?;
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        json::parse(&response, "a user with an id")
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
            add_licenses: [AddedLicense { sku_id, disabled_plans }],
            remove_licenses: [],
        };
        let path = format!("{}/assignLicense", path::user(id));
        let call = Call::post(&operation::ASSIGN_LICENSE, path, &change)?;
        self.send(&call)?.result.map_err(CallError::Fault)?;
        Ok(())
    }

    /// Deletes the user whose object id or user principal name is `key`. The response says
    /// whether an earlier attempt may have deleted it.
    ///
    /// # Errors
    /// There is no response.
    pub fn delete_user(&mut self, key: &str) -> Result<Answer, CallError> {
        self.send(&Call::delete(&operation::DELETE_USER, path::user(key)))
    }
}
