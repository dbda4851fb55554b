//! The permissions that a set of actions needs: the narrowest that Microsoft's data allows,
//! and none beside another that does its work.

mod comparison;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Call, Policy};
use crate::Access;

pub use comparison::Comparison;

/// The permissions to grant, for both ways of signing in.
#[derive(Clone, Debug, Serialize)]
pub struct Permissions {
    /// For connections with a signed-in user.
    pub delegated: Vec<Permission>,
    /// For connections of the application itself.
    pub application: Vec<Permission>,
}

/// One permission and what it is needed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// Microsoft's name of it, such as `User.ReadWrite.All`.
    pub name: String,
    /// The Graph calls that it allows here.
    pub calls: Vec<String>,
    /// The actions that make these calls.
    pub actions: Vec<String>,
}

impl Permissions {
    /// The union over `actions`: the least permission of each call, except where one
    /// that another call needs anyway allows the call too.
    pub fn of(policy: &Policy, actions: &[String]) -> Self {
        let list = |access| {
            let needs = needs(policy, actions, access, |_| true);
            fewest(&needs).into_iter().map(|name| used_by(name, &needs)).collect()
        };
        Self { delegated: list(Access::Delegated), application: list(Access::AppOnly) }
    }

    /// The permissions whose ids are not known, for one kind of connection.
    pub fn without_id<'a>(
        &'a self,
        policy: &'a Policy,
        access: Access,
    ) -> impl Iterator<Item = &'a str> {
        let permissions = match access {
            Access::Delegated => &self.delegated,
            Access::AppOnly => &self.application,
        };
        permissions
            .iter()
            .map(|permission| permission.name.as_str())
            .filter(move |name| policy.permission_id(name, access).is_none())
    }
}

/// One resource of an Entra app manifest's `requiredResourceAccess`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredResourceAccess {
    resource_app_id: &'static str,
    resource_access: Vec<ResourceAccess>,
}

/// One permission of it.
#[derive(Clone, Debug, Serialize)]
struct ResourceAccess {
    id: String,
    r#type: &'static str,
}

/// Microsoft Graph's own application id, the same in every tenant.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

impl RequiredResourceAccess {
    /// What to grant for `actions`, from the permissions whose ids are known.
    pub fn of(policy: &Policy, actions: &[String], access: Access) -> Self {
        let needs =
            needs(policy, actions, access, |name| policy.permission_id(name, access).is_some());
        let kind = match access {
            Access::Delegated => "Scope",
            Access::AppOnly => "Role",
        };
        let resource_access = fewest(&needs)
            .into_iter()
            .filter_map(|name| policy.permission_id(name, access))
            .map(|id| ResourceAccess { id: id.to_owned(), r#type: kind })
            .collect();
        Self { resource_app_id: GRAPH_APP_ID, resource_access }
    }
}

/// The calls of `actions` with the permissions that allow each, of those that `usable`
/// lets through. A call that this kind of connection cannot make needs none.
fn needs<'a>(
    policy: &'a Policy,
    actions: &[String],
    access: Access,
    usable: impl Fn(&str) -> bool,
) -> Vec<Need<'a>> {
    let mut users: BTreeMap<&Call, Vec<String>> = BTreeMap::new();
    for action in actions {
        for call in policy.action(action).into_iter().flat_map(|action| &action.calls) {
            users.entry(call).or_default().push(action.clone());
        }
    }
    users
        .into_iter()
        .filter_map(|(call, actions)| {
            let names: Vec<&str> = policy
                .permissions(call)?
                .of(access)
                .iter()
                .map(String::as_str)
                .filter(|name| usable(name))
                .collect();
            (!names.is_empty()).then_some(Need { call, actions, names })
        })
        .collect()
}

struct Need<'a> {
    call: &'a Call,
    actions: Vec<String>,
    /// The least first; one is enough.
    names: Vec<&'a str>,
}

/// The least permission of every call, less those whose calls are all allowed by
/// another that stays: nothing is granted that no call needs as its least.
fn fewest<'a>(needs: &[Need<'a>]) -> Vec<&'a str> {
    let mut granted: BTreeSet<&str> =
        needs.iter().filter_map(|need| need.names.first().copied()).collect();
    let mut candidates: Vec<&str> = granted.iter().copied().collect();
    // The broadest go first, if others do their work: the narrower ones stay.
    candidates.sort_by_key(|name| Reverse(needs.iter().filter(|need| need.allows(name)).count()));
    for name in candidates {
        let replaceable = needs
            .iter()
            .filter(|need| need.allows(name))
            .all(|need| granted.iter().any(|other| *other != name && need.allows(other)));
        if replaceable {
            granted.remove(name);
        }
    }
    granted.into_iter().collect()
}

impl Need<'_> {
    fn allows(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

fn used_by(name: &str, needs: &[Need<'_>]) -> Permission {
    let mut calls = BTreeSet::new();
    let mut actions = BTreeSet::new();
    for need in needs.iter().filter(|need| need.allows(name)) {
        calls.insert(need.call.to_string());
        actions.extend(need.actions.iter().cloned());
    }
    Permission {
        name: name.to_owned(),
        calls: calls.into_iter().collect(),
        actions: actions.into_iter().collect(),
    }
}
