//! Users as owners of a mailbox.

use alloc::string::String;

use super::Graph;
use super::error::CallError;
use super::json;
use super::operation;
use super::path;
use super::request::Call;
use super::users::User;

/// "Exchange Foundation", a plan that comes with licences without a mailbox, such as those
/// of Enterprise Mobility. Source: "Product names and service plan identifiers for
/// licensing".
const FOUNDATION: &str = "113feb6c-3fe4-4440-bddc-54d774bf0318";

const SELECT: &str = "$select=id,displayName,mail,userPrincipalName,accountEnabled,assignedPlans";

impl User {
    /// Whether the user has a mailbox, as far as the directory tells: a usable plan of
    /// Exchange Online, or a mail address, which a shared mailbox has without any licence.
    pub fn has_mailbox(&self) -> bool {
        let is = |text: &Option<String>, wanted: &str| {
            text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        let plans = &self.assigned_plans;
        self.mail.is_some()
            || plans.iter().any(|plan| {
                is(&plan.service, "exchange")
                    && !is(&plan.service_plan_id, FOUNDATION)
                    && (is(&plan.capability_status, "Enabled")
                        // In its grace period, and still usable.
                        || is(&plan.capability_status, "Warning"))
            })
    }
}

impl Graph<'_> {
    /// Reads the signed-in user with what tells of the mailbox. Only a delegated
    /// connection has one.
    ///
    /// # Errors
    /// Graph did not give it.
    pub fn own_mailbox(&mut self) -> Result<User, CallError> {
        self.mailbox_owner(Call::read(&operation::GET_ME, format!("/me?{SELECT}")))
    }

    /// Reads the user whose object id or user principal name is `key` with what tells of
    /// the mailbox.
    ///
    /// # Errors
    /// Graph did not give it.
    pub fn mailbox(&mut self, key: &str) -> Result<User, CallError> {
        self.mailbox_owner(Call::read(
            &operation::GET_USER,
            format!("{}?{SELECT}", path::user(key)),
        ))
    }

    fn mailbox_owner(&mut self, call: Call) -> Result<User, CallError> {
        let response = self.send(&call)?.result.map_err(CallError::Fault)?;
        json::parse(&response, "a user with an id")
    }
}
