//! Where the component comes from, and names that somebody mistyped.

use std::borrow::Cow;
use std::fs;

use anyhow::Context;

use super::Global;
use super::failure::Failure;
use crate::contract::{Documents, Policy};
use crate::sandbox::COMPONENT;
use crate::values::problem::nearest;

/// The bytes of the component to use.
pub fn component(global: &Global) -> Result<Cow<'static, [u8]>, Failure> {
    match &global.component {
        None => Ok(Cow::Borrowed(COMPONENT)),
        Some(path) => Ok(fs::read(path)
            .with_context(|| format!("the component {}", path.display()))
            .map(Cow::Owned)?),
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

/// Wrong usage: there is no such action.
pub fn no_such_action<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let fix = match nearest(name, known) {
        Some(nearest) => format!("Did you mean {nearest}? o365 actions lists them all."),
        None => "o365 actions lists them all.".to_owned(),
    };
    Failure::usage(format!("there is no action {name:?}"), fix)
}
