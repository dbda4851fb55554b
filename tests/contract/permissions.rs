//! Missing and excess permissions.

use contract::permissions::{Comparison, Permissions};
use contract::{Access, Policy};

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
    let union = Permissions::of(&policy, &all);
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
