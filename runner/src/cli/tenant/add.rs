//! `o365 tenant add`: a tenant, or one more key, in the configuration.
//!
//! The key is on stdout, once. The configuration has its hash, so that nobody, with the file
//! or without, can find out the key.

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
use crate::values::problem::nearest;

#[derive(Debug, Args)]
pub struct Options {
    /// The tenant's id.
    #[arg(required_unless_present = "operator")]
    id: Option<String>,
    /// A connection that the tenant may use; once for each. May be left out when the
    /// configuration has one only.
    #[arg(long = "connection", value_name = "ID")]
    connections: Vec<String>,
    /// An action that the tenant may run; once for each. All of them if none is named.
    #[arg(long = "action", value_name = "NAME")]
    actions: Vec<String>,
    /// Make one more key for a tenant that is there: then give it to the tenant, and remove
    /// the other one from the configuration when nobody uses it any more.
    #[arg(long, conflicts_with_all = ["connections", "actions"])]
    another_key: bool,
    /// Make a key that sees the metrics of all tenants and nothing else.
    #[arg(long, conflicts_with_all = ["id", "connections", "actions", "another_key"])]
    operator: bool,
}

/// Adds it to the file, then prints the key.
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
        known(file.connections(), id)?;
        file.add_tenant_key(id, key.hash())?;
    } else {
        unknown(file.connections(), id)?;
        let connections = connections(file.connections(), id, &options.connections)?;
        file.add_tenant(id, key.hash(), &connections, actions.as_ref())?;
    }
    let result = json!({ "tenant": id, "key": key.expose() });
    show(global, &serve, &key, id, "/v1/actions", &result)
}

/// The actions that are named, all of them known.
fn actions(global: &Global, named: &[String]) -> Result<Option<BTreeSet<String>>, Failure> {
    if named.is_empty() {
        return Ok(None);
    }
    source::actions_exist(global, named)?;
    Ok(Some(named.iter().cloned().collect()))
}

/// The connections that are named, all of them known; or the only one.
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
            format!("it is not said which connections {id} may use"),
            format!("Add --connection with one of {}, once for each.", all.join(", ")),
        )),
    }
}

/// A tenant that is there.
fn known(configuration: &Connections, id: &str) -> Result<(), Failure> {
    let known = || configuration.tenants().map(|tenant| tenant.id.as_str());
    if known().any(|known| known == id) {
        return Ok(());
    }
    let fix = match nearest(id, known()) {
        Some(nearest) => format!("Did you mean {nearest}? o365 tenant list has them all."),
        None => "Leave out --another-key to add the tenant, with its first key.".to_owned(),
    };
    let path = configuration.path().display();
    Err(Failure::usage(format!("there is no tenant {id:?} in {path}"), fix))
}

/// The id of a tenant that can be added.
fn unknown(configuration: &Connections, id: &str) -> Result<(), Failure> {
    if !is_id(id) {
        let message = format!("{id:?} is no id of a tenant");
        return Err(Failure::usage(message, format!("Give it an id of {ID}.")));
    }
    if configuration.tenants().any(|tenant| tenant.id == id) {
        return Err(Failure::usage(
            format!("there is a tenant {id} in {} already", configuration.path().display()),
            format!("For one more key, run o365 tenant add {id} --another-key."),
        ));
    }
    Ok(())
}

/// Shows the key: the only time.
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
        anyhow!("{message}; the configuration has the key, which is lost: make another one").into()
    })
}

fn in_words(serve: &ServeConfig, key: &ApiKey, whose: &str, path: &str) -> String {
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let host = match serve.address.ip() {
        // Every address of the machine: one that the certificate names is for the caller to say.
        any if any.is_unspecified() => format!("HOST:{}", serve.address.port()),
        _ => serve.address.to_string(),
    };
    format!(
        "{}\n\nThis is the key of {whose}. It is shown only now: keep it as a password.\n\
         With it in the variable KEY, and o365 serve started:\n\n  \
         curl --header \"Authorization: Bearer $KEY\" {scheme}://{host}{path}\n",
        key.expose()
    )
}
