//! What a token may do, against what actions need.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Permission, fewest, needs, used_by};
use crate::Access;
use crate::Policy;

/// Scopes of OpenID Connect: they say who signed in, and allow nothing at Graph.
const NOT_GRAPHS: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// How the granted permissions differ from the needed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The least permissions for the calls that nothing granted allows.
    pub missing: Vec<Permission>,
    /// What is granted, is no call's least, and allows nothing that the rest would not.
    pub excess: Vec<String>,
}

impl Comparison {
    /// Compares `granted` with what `actions` need.
    pub fn of(policy: &Policy, actions: &[String], access: Access, granted: &[String]) -> Self {
        let needs = needs(policy, actions, access, |_| true);
        let least: BTreeSet<&str> =
            needs.iter().filter_map(|need| need.names.first().copied()).collect();
        let mut kept: BTreeSet<&str> =
            granted.iter().map(String::as_str).filter(|name| !NOT_GRAPHS.contains(name)).collect();
        let mut candidates: Vec<&str> =
            kept.iter().copied().filter(|name| !least.contains(name)).collect();
        candidates
            .sort_by_key(|name| Reverse(needs.iter().filter(|need| need.allows(name)).count()));
        let mut excess = Vec::new();
        for name in candidates {
            let replaceable = needs
                .iter()
                .filter(|need| need.allows(name))
                .all(|need| kept.iter().any(|other| *other != name && need.allows(other)));
            if replaceable {
                kept.remove(name);
                excess.push(name.to_owned());
            }
        }
        excess.sort();
        let unmet: Vec<_> = needs
            .into_iter()
            .filter(|need| !granted.iter().any(|name| need.allows(name)))
            .collect();
        let missing = fewest(&unmet).into_iter().map(|name| used_by(name, &unmet)).collect();
        Self { missing, excess }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(access: Access, granted: &[&str]) -> (Vec<String>, Vec<String>) {
        let policy = Policy::embedded().unwrap();
        let all: Vec<String> = policy.names().map(ToOwned::to_owned).collect();
        let granted: Vec<String> = granted.iter().map(|name| (*name).to_owned()).collect();
        let Comparison { missing, excess } = Comparison::of(&policy, &all, access, &granted);
        (missing.into_iter().map(|permission| permission.name).collect(), excess)
    }

    #[test]
    fn the_union_that_is_printed_is_neither_too_little_nor_too_much() {
        let policy = Policy::embedded().unwrap();
        let all: Vec<String> = policy.names().map(ToOwned::to_owned).collect();
        let union = super::super::Permissions::of(&policy, &all);
        for (access, list) in
            [(Access::Delegated, union.delegated), (Access::AppOnly, union.application)]
        {
            let names: Vec<&str> = list.iter().map(|permission| permission.name.as_str()).collect();
            assert_eq!(compare(access, &names), (Vec::new(), Vec::new()), "{access:?}");
        }
    }

    #[test]
    fn one_of_the_alternatives_is_enough_and_a_broad_one_beside_them_is_too_much() {
        let enough = ["User.ReadWrite.All", "Organization.Read.All", "Mail.Send"];
        assert_eq!(compare(Access::AppOnly, &enough), (Vec::new(), Vec::new()));
        let more = [&enough[..], &["Directory.ReadWrite.All", "Files.ReadWrite.All"]].concat();
        let excess = vec!["Directory.ReadWrite.All".to_owned(), "Files.ReadWrite.All".to_owned()];
        assert_eq!(compare(Access::AppOnly, &more), (Vec::new(), excess));
    }

    #[test]
    fn what_nothing_granted_allows_is_missing_by_its_least_permission() {
        let (missing, excess) = compare(Access::AppOnly, &["User.ReadWrite.All"]);
        assert_eq!(missing, ["Mail.Send", "Organization.Read.All"]);
        assert!(excess.is_empty(), "{excess:?}");
        let (missing, excess) = compare(Access::Delegated, &["openid", "offline_access"]);
        assert!(missing.contains(&"Mail.Send".to_owned()), "{missing:?}");
        assert!(excess.is_empty(), "{excess:?}");
    }
}
