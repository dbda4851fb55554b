//! The permissions that a set of actions needs: as few as Microsoft's data allows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Call, Policy};

/// The permissions to grant, for both ways of signing in.
#[derive(Clone, Debug, Serialize)]
pub struct Permissions {
    /// For connections with a signed-in user.
    pub delegated: Vec<Permission>,
    /// For connections of the application itself.
    pub application: Vec<Permission>,
}

/// One permission and what it is needed for.
#[derive(Clone, Debug, Serialize)]
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
        let mut users: BTreeMap<&Call, Vec<String>> = BTreeMap::new();
        for action in actions {
            for call in policy.action(action).into_iter().flat_map(|action| &action.calls) {
                users.entry(call).or_default().push(action.clone());
            }
        }
        let options = |of: fn(&super::policy::CallPermissions) -> &[String]| {
            users
                .iter()
                .filter_map(|(call, actions)| {
                    let names = of(policy.permissions(call)?);
                    Some(Need { call, actions, names })
                })
                .collect::<Vec<_>>()
        };
        Self {
            delegated: fewest(&options(|call| &call.delegated)),
            application: fewest(&options(|call| &call.application)),
        }
    }
}

struct Need<'a> {
    call: &'a Call,
    actions: &'a [String],
    /// The least first; one is enough.
    names: &'a [String],
}

/// The least permission of every call, less those whose calls are all allowed by
/// another that stays: nothing is granted that no call needs as its least.
fn fewest(needs: &[Need<'_>]) -> Vec<Permission> {
    let mut granted: BTreeSet<&str> =
        needs.iter().filter_map(|need| need.names.first()).map(String::as_str).collect();
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
    granted.into_iter().map(|name| used_by(name, needs)).collect()
}

impl Need<'_> {
    fn allows(&self, name: &str) -> bool {
        self.names.iter().any(|allowed| allowed == name)
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
