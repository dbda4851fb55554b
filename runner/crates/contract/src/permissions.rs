//! The permissions that a set of actions needs: the narrowest that Microsoft's data allows,
//! and none that another permission of the set makes redundant.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Access, Call, Policy};

/// Microsoft Graph's application id, the same in every tenant.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Scopes of OpenID Connect: they identify the user, and allow nothing in Graph.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The permissions to grant, for each kind of connection.
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
    /// Microsoft's name, such as `User.ReadWrite.All`.
    pub name: String,
    /// The Graph calls that it allows here.
    pub calls: Vec<String>,
    /// The actions that make these calls.
    pub actions: Vec<String>,
}

impl Permissions {
    /// Returns the union over `actions`: the least permission of each call, unless a
    /// permission that another call needs also allows it.
    pub fn of(policy: &Policy, actions: &[String]) -> Self {
        let list = |access| {
            let needs = needs(policy, actions, access, |_| true);
            fewest(&needs).into_iter().map(|name| used_by(name, &needs)).collect()
        };
        Self { delegated: list(Access::Delegated), application: list(Access::AppOnly) }
    }

    /// Returns the permissions without a known id, for one kind of connection.
    pub fn without_id<'a>(
        &'a self,
        policy: &'a Policy,
        access: Access,
    ) -> impl Iterator<Item = &'a str> {
        let permissions = match access {
            Access::Delegated => &self.delegated,
            Access::AppOnly => &self.application,
        };
        let names = permissions.iter().map(|permission| permission.name.as_str());
        names.filter(move |name| policy.permission_id(name, access).is_none())
    }
}

/// One resource in `requiredResourceAccess` of an Entra app manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredResourceAccess {
    resource_app_id: &'static str,
    resource_access: Vec<ResourceAccess>,
}

/// One permission of the resource.
#[derive(Clone, Debug, Serialize)]
struct ResourceAccess {
    id: String,
    r#type: &'static str,
}

impl RequiredResourceAccess {
    /// Returns the permissions to grant for `actions`, of those with a known id.
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

/// The difference between the granted permissions and the needed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The least permissions for the calls that no granted permission allows.
    pub missing: Vec<Permission>,
    /// The granted permissions that are not the least of any call, and that the other granted
    /// ones make redundant.
    pub excess: Vec<String>,
}

impl Comparison {
    /// Compares `granted` with the permissions that `actions` need.
    pub fn of(policy: &Policy, actions: &[String], access: Access, granted: &[String]) -> Self {
        let needs = needs(policy, actions, access, |_| true);
        let least = least(&needs);
        let names = granted.iter().map(String::as_str);
        let mut kept: BTreeSet<&str> = names.filter(|name| !OPENID_SCOPES.contains(name)).collect();
        let others = kept.iter().copied().filter(|name| !least.contains(name)).collect();
        let excess = remove_redundant(&mut kept, others, &needs);
        let unmet: Vec<_> = needs
            .into_iter()
            .filter(|need| !granted.iter().any(|name| need.allows(name)))
            .collect();
        let missing = fewest(&unmet).into_iter().map(|name| used_by(name, &unmet)).collect();
        Self { missing, excess: excess.into_iter().map(ToOwned::to_owned).collect() }
    }
}

/// A call and the permissions that allow it.
struct Need<'a> {
    call: &'a Call,
    actions: Vec<String>,
    /// The least first; one of them is enough.
    names: Vec<&'a str>,
}

impl Need<'_> {
    fn allows(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// Returns the calls of `actions`, each with its `usable` permissions. A call without any
/// cannot be made by this kind of connection, and is left out.
fn needs<'a>(
    policy: &'a Policy,
    actions: &[String],
    access: Access,
    usable: impl Fn(&str) -> bool,
) -> Vec<Need<'a>> {
    let mut users: BTreeMap<&Call, Vec<String>> = BTreeMap::new();
    for action in actions {
        for call in policy.action(action).into_iter().flat_map(|action| action.calls.iter()) {
            users.entry(call).or_default().push(action.clone());
        }
    }
    let need = |(call, actions)| {
        let names = policy.permissions(call)?.of(access).iter().map(String::as_str);
        let names: Vec<&str> = names.filter(|name| usable(name)).collect();
        (!names.is_empty()).then_some(Need { call, actions, names })
    };
    users.into_iter().filter_map(need).collect()
}

/// Returns the least permission of every call.
fn least<'a>(needs: &[Need<'a>]) -> BTreeSet<&'a str> {
    needs.iter().filter_map(|need| need.names.first().copied()).collect()
}

/// Returns the least permission of every call, without the redundant ones.
fn fewest<'a>(needs: &[Need<'a>]) -> Vec<&'a str> {
    let mut granted = least(needs);
    let candidates = granted.iter().copied().collect();
    remove_redundant(&mut granted, candidates, needs);
    granted.into_iter().collect()
}

/// Removes those of `candidates` whose calls are all allowed by another of `granted`, the
/// broadest first, so that the narrower ones stay. Returns the removed ones, sorted.
fn remove_redundant<'a>(
    granted: &mut BTreeSet<&'a str>,
    mut candidates: Vec<&'a str>,
    needs: &[Need<'_>],
) -> BTreeSet<&'a str> {
    let mut removed = BTreeSet::new();
    candidates.sort_by_key(|name| Reverse(needs.iter().filter(|need| need.allows(name)).count()));
    for name in candidates {
        let redundant = needs
            .iter()
            .filter(|need| need.allows(name))
            .all(|need| granted.iter().any(|other| *other != name && need.allows(other)));
        if redundant {
            granted.remove(name);
            removed.insert(name);
        }
    }
    removed
}

fn used_by(name: &str, needs: &[Need<'_>]) -> Permission {
    let uses = || needs.iter().filter(|need| need.allows(name));
    let calls: BTreeSet<String> = uses().map(|need| need.call.to_string()).collect();
    let actions: BTreeSet<&String> = uses().flat_map(|need| &need.actions).collect();
    Permission {
        name: name.to_owned(),
        calls: calls.into_iter().collect(),
        actions: actions.into_iter().cloned().collect(),
    }
}
