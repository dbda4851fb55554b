//! `o365 permissions`: shows the permissions that actions need.

use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::{Global, output, source};
use crate::contract::Access;
use crate::contract::permissions::{Permission, Permissions, RequiredResourceAccess};

#[derive(Debug, Args)]
pub struct Options {
    /// The actions; by default all.
    actions: Vec<String>,
    /// Print requiredResourceAccess for the manifest of an Entra app registration.
    #[arg(long, value_name = "GRANT")]
    manifest: Option<Grant>,
}

/// The type of the permissions.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Grant {
    /// For a signed-in user.
    Delegated,
    /// For the application itself.
    Application,
}

impl From<Grant> for Access {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::Delegated => Self::Delegated,
            Grant::Application => Self::AppOnly,
        }
    }
}

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
    if let Some(grant) = options.manifest {
        output::result(&[RequiredResourceAccess::of(&policy, actions, grant.into())])?;
        for name in permissions.without_id(&policy, grant.into()) {
            output::warn(
                global.json,
                &format!(
                    "the id of {name} is not known; the manifest contains a broader permission instead"
                ),
            );
        }
        return Ok(());
    }
    if !output::for_people(global.json) {
        return output::result(&permissions);
    }
    let rows = |grant: &str, permissions: Vec<Permission>| {
        permissions
            .into_iter()
            .map(|permission| vec![grant.to_owned(), permission.name, permission.calls.join("\n")])
            .collect::<Vec<_>>()
    };
    let mut all = rows("delegated", permissions.delegated);
    all.extend(rows("application", permissions.application));
    output::table(&["grant", "permission", "calls"], all)
}
