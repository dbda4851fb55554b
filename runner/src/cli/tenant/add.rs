//! `o365 tenant add`: adds a tenant or a key to the configuration, and prints the key once. The
//! configuration contains only the hash of the key.

use std::collections::BTreeSet;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::exists;
use super::shown::{self, Further, Whose};
use crate::api_key::{AcceptedKey, ApiKey};
use crate::cli::failure::Failure;
use crate::cli::{Global, source, times};
use crate::connections::file::change::Locked;
use crate::connections::file::{Connections, ID, is_id};

/// The fix for another key of a tenant that does not exist.
const OR_ADD: &str =
    "Run o365 tenant list to see all tenants, or omit --another-key to add this one.";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").args(["id", "operator"]).required(true))]
pub struct Options {
    /// The tenant's id.
    id: Option<String>,
    /// A connection that the tenant may use; repeat the option for more. By default the only
    /// connection of the configuration.
    #[arg(long = "connection", value_name = "ID")]
    connections: Vec<String>,
    /// An action that the tenant may run; repeat the option for more. By default all actions.
    #[arg(long = "action", value_name = "NAME")]
    actions: Vec<String>,
    /// Add another key to an existing tenant. o365 tenant rotate also lets the old ones expire.
    #[arg(long, conflicts_with_all = ["connections", "actions"])]
    another_key: bool,
    /// Add a key that gives access to the metrics of all tenants, and to nothing else.
    #[arg(long, conflicts_with_all = ["connections", "actions", "another_key"])]
    operator: bool,
    /// When the key expires: a date or time in UTC, such as 2027-01-31, or a duration, such as 90d;
    /// by default never.
    #[arg(long, value_name = "DATE|DURATION", value_parser = times::expiry)]
    expires: Option<Timestamp>,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let actions = actions(global, &options.actions)?;
    let path = source::connections(global)?.path().to_owned();
    let key = ApiKey::generate().map_err(anyhow::Error::from)?;
    let accepted = AcceptedKey { hash: key.hash(), expires: options.expires };
    let file = Locked::open(&path)?;
    let serve = file.connections().serve().clone();
    let whose = match &options.id {
        None => {
            file.add_operator_key(accepted)?;
            Whose::Operator
        }
        Some(id) if options.another_key => {
            exists(file.connections(), id, OR_ADD)?;
            file.add_tenant_key(id, accepted)?;
            Whose::Tenant(id)
        }
        Some(id) => {
            can_be_added(file.connections(), id)?;
            let connections = connections(file.connections(), id, &options.connections)?;
            file.add_tenant(id, accepted, &connections, actions.as_ref())?;
            Whose::Tenant(id)
        }
    };
    let further = options.expires.map_or(Further::Nothing, Further::Expires);
    shown::key(global, &serve, &key, &whose, further)
}

/// Returns the named actions. Fails when one does not exist.
fn actions(global: &Global, named: &[String]) -> Result<Option<BTreeSet<String>>, Failure> {
    if named.is_empty() {
        return Ok(None);
    }
    source::actions_exist(global, named)?;
    Ok(Some(named.iter().cloned().collect()))
}

/// Returns the named connections, or the only one. Fails when one does not exist.
fn connections(
    configuration: &Connections,
    id: &str,
    named: &[String],
) -> Result<Vec<String>, Failure> {
    let mut connections: Vec<String> = Vec::new();
    for name in named {
        let known = source::connection(configuration, name)?;
        if !connections.contains(&known.id) {
            connections.push(known.id.clone());
        }
    }
    if !connections.is_empty() {
        return Ok(connections);
    }
    let all: Vec<&str> = configuration.iter().map(|connection| connection.id.as_str()).collect();
    match all.as_slice() {
        [only] => Ok(vec![(*only).to_owned()]),
        [] => Err(Failure::usage(
            format!("there is no connection in {}", configuration.path().display()),
            "Add one as [connections.ID] first, as the README shows.",
        )),
        _ => Err(Failure::usage(
            format!("no connection is named for {id}"),
            format!(
                "Add --connection ID for each connection that it may use, of: {}.",
                all.join(", ")
            ),
        )),
    }
}

/// Fails when the id is invalid or in use.
fn can_be_added(configuration: &Connections, id: &str) -> Result<(), Failure> {
    if !is_id(id) {
        let message = format!("{id:?} is not a valid id of a tenant");
        return Err(Failure::usage(message, format!("Use an id of {ID}.")));
    }
    if configuration.tenants().any(|tenant| tenant.id == id) {
        return Err(Failure::usage(
            format!("the tenant {id} already exists in {}", configuration.path().display()),
            format!("To add another key, run o365 tenant add {id} --another-key."),
        ));
    }
    Ok(())
}
