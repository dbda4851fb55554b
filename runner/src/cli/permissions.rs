//! `o365 permissions`: what to grant in the tenant.

use clap::Args;

use super::failure::Failure;
use super::{Global, output, source};
use crate::contract::permissions::{Permission, Permissions};

#[derive(Debug, Args)]
pub struct Options {
    /// The actions; all of them if none is named.
    actions: Vec<String>,
}

/// Prints the union of the permissions, on a terminal as a table.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let policy = source::policy()?;
    let all: Vec<String> = policy.names().map(ToOwned::to_owned).collect();
    for action in &options.actions {
        if !all.contains(action) {
            return Err(source::no_such_action(action, policy.names()));
        }
    }
    let actions = if options.actions.is_empty() { &all } else { &options.actions };
    let permissions = Permissions::of(&policy, actions);
    if !output::for_people(global.json) {
        return output::json(&permissions);
    }
    let rows = |grant: &str, permissions: Vec<Permission>| {
        permissions
            .into_iter()
            .map(|permission| vec![grant.to_owned(), permission.name, permission.calls.join("\n")])
            .collect::<Vec<_>>()
    };
    let mut all = rows("delegated", permissions.delegated);
    all.extend(rows("application", permissions.application));
    output::table(&["grant", "permission", "for"], all)
}
