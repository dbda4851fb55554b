//! `o365 tenant add`: adds a tenant or a key to the configuration, and prints the key once. The
//! configuration contains only the hash of the key.

use std::collections::BTreeSet;

use anyhow::anyhow;
use clap::Args;
use serde_json::{Value, json};

use crate::api_key::ApiKey;
use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::config::ServeConfig;
use crate::connections::file::change::Locked;
use crate::connections::file::{Connections, ID, is_id};

#[derive(Debug, Args)]
pub struct Options {
    /// The tenant's id.
    #[arg(required_unless_present = "operator")]
    id: Option<String>,
    /// A connection that the tenant may use; repeat the option for more. By default the only
    /// connection of the configuration.
    #[arg(long = "connection", value_name = "ID")]
    connections: Vec<String>,
    /// An action that the tenant may run; repeat the option for more. By default all actions.
    #[arg(long = "action", value_name = "NAME")]
    actions: Vec<String>,
    /// Add another key to an existing tenant. Remove the old key from the configuration when it is
    /// no longer used.
    #[arg(long, conflicts_with_all = ["connections", "actions"])]
    another_key: bool,
    /// Add a key that gives access to the metrics of all tenants, and to nothing else.
    #[arg(long, conflicts_with_all = ["id", "connections", "actions", "another_key"])]
    operator: bool,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let actions = actions(global, &options.actions)?;
    let path = source::connections(global)?.path().to_owned();
    let key = ApiKey::generate().map_err(anyhow::Error::from)?;
    let file = Locked::open(&path)?;
    let serve = file.connections().serve().clone();
    let Some(id) = &options.id else {
        file.add_operator_key(key.hash())?;
        let result = json!({ "operator": true, "key": key.expose() });
        return show(global, &serve, &key, "the operator", "/metrics", &result);
    };
    if options.another_key {
        exists(file.connections(), id)?;
        file.add_tenant_key(id, key.hash())?;
    } else {
        can_be_added(file.connections(), id)?;
        let connections = connections(file.connections(), id, &options.connections)?;
        file.add_tenant(id, key.hash(), &connections, actions.as_ref())?;
    }
    let result = json!({ "tenant": id, "key": key.expose() });
    show(global, &serve, &key, id, "/v1/actions", &result)
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

/// Fails when there is no such tenant.
fn exists(configuration: &Connections, id: &str) -> Result<(), Failure> {
    let known = || configuration.tenants().map(|tenant| tenant.id.as_str());
    if known().any(|known| known == id) {
        return Ok(());
    }
    let message = format!("there is no tenant {id:?} in {}", configuration.path().display());
    let fix = "Run o365 tenant list to see all tenants, or omit --another-key to add this one.";
    Err(source::unknown(message, id, known(), fix))
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

/// Prints the key, for the only time.
fn show(
    global: &Global,
    serve: &ServeConfig,
    key: &ApiKey,
    whose: &str,
    path: &str,
    result: &Value,
) -> Result<(), Failure> {
    let shown = if output::for_people(global.json) {
        output::text(&in_words(serve, key, whose, path))
    } else {
        output::result(result)
    };
    shown.map_err(|failure| {
        let message = failure.message();
        anyhow!("{message}; the key is in the configuration, but lost: add another one").into()
    })
}

fn in_words(serve: &ServeConfig, key: &ApiKey, whose: &str, path: &str) -> String {
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let host = match serve.address.ip() {
        // The server listens on all addresses, and the certificate decides which host is valid.
        any if any.is_unspecified() => format!("HOST:{}", serve.address.port()),
        _ => serve.address.to_string(),
    };
    format!(
        "{}\n\nThis is the key of {whose}. It is shown only now: keep it like a password.\n\
         With the key in the variable KEY, and o365 serve running:\n\n  \
         curl --header \"Authorization: Bearer $KEY\" {scheme}://{host}{path}\n",
        key.expose()
    )
}
