//! Callers: applications, with a signed-in user or without, and their permissions.

use std::collections::BTreeSet;

use super::permissions::OTHERS;
use super::refusal::Refusal;
use super::route::Operation;
use contract::{Access, Call, Policy};

/// The default application.
pub const APP_ID: &str = "9c6ef4a4-045f-4124-afbb-5aef0fc45eb1";

/// A caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The id of the application, by which throttling counts.
    pub app_id: String,
    /// Whether a user is signed in.
    pub access: Access,
    /// The user principal name or id of the signed-in user.
    pub user: Option<String>,
    /// The granted permissions; `None` for all.
    permissions: Option<Granted>,
}

#[derive(Clone, Debug)]
struct Granted {
    policy: Policy,
    names: BTreeSet<String>,
}

impl Caller {
    /// Creates an application with all permissions.
    pub fn application() -> Self {
        Self { app_id: APP_ID.to_owned(), access: Access::AppOnly, user: None, permissions: None }
    }

    /// Creates an application with a signed-in user and all permissions.
    pub fn signed_in(user: impl Into<String>) -> Self {
        Self { access: Access::Delegated, user: Some(user.into()), ..Self::application() }
    }

    /// Sets the application.
    pub fn through(self, app_id: impl Into<String>) -> Self {
        Self { app_id: app_id.into(), ..self }
    }

    /// Restricts the caller to the permissions `names`, with their meaning in `policy`.
    pub fn granted(
        self,
        policy: Policy,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self { permissions: Some(Granted { policy, names }), ..self }
    }

    /// Checks the permission for an operation.
    pub fn check(&self, operation: &Operation) -> Result<(), Refusal> {
        let mail = operation.is_mail();
        if mail && operation.is_me() && self.access == Access::AppOnly {
            return Err(Refusal::access_denied());
        }
        let Some(granted) = &self.permissions else { return Ok(()) };
        if operation.template.is_empty() || granted.allow(operation.template, self.access) {
            return Ok(());
        }
        Err(if mail { Refusal::access_denied() } else { Refusal::denied() })
    }
}

/// Returns all known permissions for one kind of access.
pub fn permissions(policy: &Policy, access: Access) -> BTreeSet<String> {
    let of_actions = policy
        .names()
        .filter_map(|action| policy.action(action))
        .flat_map(|action| action.calls.iter())
        .filter_map(|call| policy.permissions(call))
        .flat_map(|permissions| permissions.of(access).iter().cloned());
    let others = OTHERS.iter().flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()));
    of_actions.chain(others).collect()
}

impl Granted {
    fn allow(&self, template: &str, access: Access) -> bool {
        if let Some((_, names)) = OTHERS.iter().find(|(call, _)| *call == template) {
            return names.iter().any(|name| self.names.contains(*name));
        }
        let call: Option<Call> = template.parse().ok();
        let permissions = call.and_then(|call| self.policy.permissions(&call));
        permissions.is_some_and(|permissions| {
            permissions.of(access).iter().any(|name| self.names.contains(name))
        })
    }
}
