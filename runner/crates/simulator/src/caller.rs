//! Who calls: an application by itself or for a signed-in user, and what it may do.

use std::collections::BTreeSet;

use super::refusal::Refusal;
use super::route::Operation;
use contract::Access;
use contract::{Call, Policy};

/// The application of callers that do not name another.
pub const APP_ID: &str = "9c6ef4a4-045f-4124-afbb-5aef0fc45eb1";

/// Permissions for the calls that no action makes, by which they are missing in
/// `actions.toml`. Source: as there.
const OTHERS: [(&str, &[&str]); 4] = [
    ("PATCH /users/{id}", &["User.ReadWrite.All", "Directory.ReadWrite.All"]),
    ("GET /domains", &["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"]),
    (
        "GET /users/{id}/licenseDetails",
        &["LicenseAssignment.Read.All", "User.Read.All", "Directory.Read.All"],
    ),
    ("GET /directory/deletedItems/microsoft.graph.user", &["User.Read.All", "Directory.Read.All"]),
];

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The application's id: throttling counts by it.
    pub app_id: String,
    /// Whether a user is signed in.
    pub access: Access,
    /// The user principal name or id of that user.
    pub user: Option<String>,
    /// What was granted; none stands for everything.
    permissions: Option<Granted>,
}

#[derive(Clone, Debug)]
struct Granted {
    policy: Policy,
    names: BTreeSet<String>,
}

impl Caller {
    /// The application itself, which may do everything.
    pub fn application() -> Self {
        Self { app_id: APP_ID.to_owned(), access: Access::AppOnly, user: None, permissions: None }
    }

    /// The application for the signed-in user `user`, which may do everything.
    pub fn signed_in(user: impl Into<String>) -> Self {
        Self { access: Access::Delegated, user: Some(user.into()), ..Self::application() }
    }

    /// The same through another application.
    pub fn through(self, app_id: impl Into<String>) -> Self {
        Self { app_id: app_id.into(), ..self }
    }

    /// The same with the permissions `names` only; `policy` says which allow what.
    pub fn granted(
        self,
        policy: Policy,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self { permissions: Some(Granted { policy, names }), ..self }
    }

    /// Refuses an operation for which nothing was granted.
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

/// Every permission that allows anything here, for one kind of access.
pub fn permissions(policy: &Policy, access: Access) -> BTreeSet<String> {
    let of_actions = policy
        .names()
        .filter_map(|action| policy.action(action))
        .flat_map(|action| &action.calls)
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
