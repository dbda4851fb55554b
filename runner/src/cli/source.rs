//! Where the component comes from, and names that somebody mistyped.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::failure::Failure;
use super::{Global, output};
use crate::connections::config::Configured;
use crate::connections::file::{ConfigError, Connections};
use crate::contract::{Documents, Policy};
use crate::network::trust;
use crate::run::Host;
use crate::sandbox::{Action, COMPONENT};
use crate::values::problem::nearest;

/// How much of a component is read, in bytes: many times what one needs.
const MAX_BYTES: u64 = 64 << 20;

/// The bytes of the component to use.
pub fn component(global: &Global) -> Result<Cow<'static, [u8]>, Failure> {
    match &global.component {
        None => Ok(Cow::Borrowed(COMPONENT)),
        Some(path) => {
            Ok(Cow::Owned(read(path).with_context(|| format!("the component {}", path.display()))?))
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A device or a pipe does not say how much is in it.
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A host of the component to use, for up to `max_runs` runs at a time.
pub fn host(global: &Global, max_runs: u32) -> Result<Host, Failure> {
    Ok(Host::new(&component(global)?, max_runs).map_err(anyhow::Error::from)?)
}

/// An action of the host's component.
pub fn action<'a>(host: &'a Host, name: &str) -> Result<&'a Arc<Action>, Failure> {
    let guest = host.guest();
    guest
        .action(name)
        .ok_or_else(|| no_such_action(name, guest.actions().iter().map(|action| &*action.name)))
}

/// Refuses the first of these names that no action has.
pub fn actions_exist<'a>(
    global: &Global,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Failure> {
    let documents = documents(global)?;
    let unknown = names.into_iter().find(|name| documents.action(name).is_none());
    match unknown {
        Some(name) => Err(no_such_action(name, documents.actions().map(|action| action.name))),
        None => Ok(()),
    }
}

/// The documentation of the component to use.
pub fn documents(global: &Global) -> Result<Documents, Failure> {
    let bytes = component(global)?;
    Ok(Documents::read(&bytes).map_err(anyhow::Error::from)?)
}

/// The host's policy.
pub fn policy() -> Result<Policy, Failure> {
    Ok(Policy::embedded().map_err(anyhow::Error::from)?)
}

/// The configuration of the connections; none when there is no file and none is named.
pub fn configuration(global: &Global) -> Result<Option<Connections>, Failure> {
    Ok(Connections::find(global.config.as_deref())?)
}

/// The connections, for a command that cannot do without.
pub fn connections(global: &Global) -> Result<Connections, Failure> {
    Ok(configuration(global)?.ok_or_else(ConfigError::not_found)?)
}

/// A connection by its id.
pub fn connection<'a>(connections: &'a Connections, id: &str) -> Result<&'a Configured, Failure> {
    connections.get(id).ok_or_else(|| {
        let known = connections.iter().map(|connection| connection.id.as_str());
        let fix = match nearest(id, known) {
            Some(nearest) => format!("Did you mean {nearest}? o365 connection list has them all."),
            None => "o365 connection list has them all.".to_owned(),
        };
        let path = connections.path().display();
        Failure::usage(format!("there is no connection {id:?} in {path}"), fix)
    })
}

/// Warns of a connection that trusts more than it should.
pub fn warn_of_trust(global: &Global, connection: &Configured) {
    if let Some(warning) = trust::warning(&connection.id, &connection.trust) {
        output::warn(global.json, &warning);
    }
}

/// Wrong usage: there is no such action.
pub fn no_such_action<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let fix = match nearest(name, known) {
        Some(nearest) => format!("Did you mean {nearest}? o365 actions lists them all."),
        None => "o365 actions lists them all.".to_owned(),
    };
    Failure::usage(format!("there is no action {name:?}"), fix)
}
