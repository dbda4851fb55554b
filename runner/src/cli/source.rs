//! The component, the configuration, and the lookup of names in them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;

use super::failure::Failure;
use super::{Global, files, output};
use crate::connections::config::Configured;
use crate::connections::file::{ConfigError, Connections};
use crate::contract::{Documents, Policy};
use crate::network::trust;
use crate::run::Host;
use crate::sandbox::{Action, COMPONENT};
use crate::values::problem::nearest;

/// The largest component, in bytes: many times the size of the built-in one.
const MAX_BYTES: u64 = 64 << 20;

/// Returns the bytes of the component.
pub fn component(global: &Global) -> anyhow::Result<Cow<'static, [u8]>> {
    let Some(path) = &global.component else { return Ok(Cow::Borrowed(COMPONENT)) };
    let bytes = files::read(path, MAX_BYTES);
    Ok(Cow::Owned(bytes.with_context(|| format!("the component {}", path.display()))?))
}

/// Returns a host of the component, for up to `max_runs` runs at a time.
pub fn host(global: &Global, max_runs: u32) -> anyhow::Result<Host> {
    Ok(Host::new(&component(global)?, max_runs)?)
}

/// Returns an action of the host's component.
pub fn action<'a>(host: &'a Host, name: &str) -> Result<&'a Arc<Action>, Failure> {
    let guest = host.guest();
    guest
        .action(name)
        .ok_or_else(|| no_such_action(name, guest.actions().iter().map(|action| &*action.name)))
}

/// Fails when the component lacks one of these actions.
pub fn actions_exist<'a>(
    global: &Global,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Failure> {
    let documents = documents(global)?;
    match names.into_iter().find(|name| documents.action(name).is_none()) {
        Some(name) => Err(no_such_action(name, documents.actions().map(|action| action.name))),
        None => Ok(()),
    }
}

/// Returns the documentation of the component.
pub fn documents(global: &Global) -> anyhow::Result<Documents> {
    Ok(Documents::read(&component(global)?)?)
}

/// Returns the policy of all actions.
pub fn policy() -> anyhow::Result<Policy> {
    Ok(Policy::embedded()?)
}

/// Reads the configuration. Returns `None` when there is no file and none is named.
pub fn configuration(global: &Global) -> Result<Option<Connections>, Failure> {
    Ok(Connections::find(global.config.as_deref())?)
}

/// Reads the configuration. Fails when there is none.
pub fn connections(global: &Global) -> Result<Connections, Failure> {
    Ok(configuration(global)?.ok_or_else(ConfigError::not_found)?)
}

/// Reads the configuration of a server, whose tenants may run only actions of the component.
/// Returns `None` when there is no file and none is named.
pub fn served(global: &Global) -> Result<Option<Connections>, Failure> {
    let documents = documents(global)?;
    let actions: BTreeSet<&str> = documents.actions().map(|action| action.name).collect();
    Ok(Connections::find_served(global.config.as_deref(), &actions)?)
}

/// Returns a connection by its id.
pub fn connection<'a>(connections: &'a Connections, id: &str) -> Result<&'a Configured, Failure> {
    connections.get(id).ok_or_else(|| {
        let known = connections.iter().map(|connection| connection.id.as_str());
        let message = format!("there is no connection {id:?} in {}", connections.path().display());
        unknown(message, id, known, "Run o365 connection list to see all connections.")
    })
}

/// Warns of a connection that trusts additional certificates.
pub fn warn_of_trust(global: &Global, connection: &Configured) {
    if let Some(warning) = trust::warning(&connection.id, &connection.trust) {
        output::warn(global.json, &warning);
    }
}

/// Returns the usage error for the name of an action that does not exist.
pub fn no_such_action<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let message = format!("there is no action {name:?}");
    unknown(message, name, known, "Run o365 actions to see all actions.")
}

/// Returns the usage error for an unknown name, whose fix suggests the nearest known one.
pub fn unknown<'a>(
    message: String,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    fix: &str,
) -> Failure {
    match nearest(name, known) {
        Some(nearest) => Failure::usage(message, format!("Did you mean {nearest}? {fix}")),
        None => Failure::usage(message, fix),
    }
}
