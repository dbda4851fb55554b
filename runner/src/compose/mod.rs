//! Composes the component with adapters, so that it runs on a host that has no connections of
//! its own.
//!
//! - [`Adapter`]: the adapters that were built with this runner
//! - [`compose`]: a component and adapters, as one component

mod adapter;

use std::fmt::Display;

use thiserror::Error;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

pub use adapter::Adapter;

/// The name of the connector among the parts of a composition.
const CONNECTOR: &str = "connector";

/// How a composition names the instances that it exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// As the WIT package does, such as `connector:office365/accounts@1.0.0`.
    Full,
    /// By the interface alone, such as `accounts`.
    Short,
}

/// Why components cannot be composed.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// An adapter is named more than once.
    #[error("{0} is named twice; name it once")]
    Repeated(Adapter),
    /// Two adapters export the same interface.
    #[error("{0} and {1} both provide the same interface; choose one of them")]
    Twice(Adapter, Adapter),
    /// Nothing in the composition imports what the adapter exports.
    #[error("nothing uses {0}: {1}")]
    Unused(Adapter, &'static str),
    /// This runner was built around a component from elsewhere.
    #[error("this program has no adapters: it was built with O365_COMPONENT")]
    NotBuilt,
    /// The parts do not fit together.
    #[error("the component cannot be composed: {0}")]
    Graph(String),
}

/// Composes `connector` with adapters. Without an adapter it is returned as it is, unless the
/// names change.
///
/// # Errors
/// Fails for adapters that exclude each other, and for a component that does not fit them.
pub fn compose(
    connector: &[u8],
    adapters: &[Adapter],
    names: Names,
) -> Result<Vec<u8>, ComposeError> {
    if adapters.is_empty() && names == Names::Full {
        return Ok(connector.to_vec());
    }
    check(adapters)?;
    let mut composition = Composition::default();
    let chosen = |adapter: &&Adapter| adapters.contains(adapter);
    for adapter in Adapter::BEFORE.iter().filter(chosen) {
        composition.add(adapter.name(), adapter.component()?)?;
    }
    composition.add(CONNECTOR, connector)?;
    for adapter in Adapter::AFTER.iter().filter(chosen) {
        composition.add(adapter.name(), adapter.component()?)?;
    }
    composition.export_last(names)?;
    composition.graph.encode(EncodeOptions::default()).map_err(failed)
}

/// Refuses adapters that exclude each other, and those that nothing would use.
fn check(adapters: &[Adapter]) -> Result<(), ComposeError> {
    let count = |adapter: &Adapter| adapters.iter().filter(|one| *one == adapter).count();
    if let Some(repeated) = adapters.iter().find(|adapter| count(adapter) > 1) {
        return Err(ComposeError::Repeated(*repeated));
    }
    let has = |adapter| adapters.contains(&adapter);
    let (connections, fixed) = (Adapter::Connections, Adapter::ConnectionsStatic);
    if has(connections) && has(fixed) {
        return Err(ComposeError::Twice(connections, fixed));
    }
    if has(Adapter::Environment) && adapters.iter().all(|one| *one == Adapter::Environment) {
        let reason = "the component itself has no settings; add connections or http";
        return Err(ComposeError::Unused(Adapter::Environment, reason));
    }
    Ok(())
}

/// The parts of a composition so far. Each part takes its imports from the parts before it; what
/// they do not export stays an import of the whole.
#[derive(Default)]
struct Composition {
    graph: CompositionGraph,
    parts: Vec<(PackageId, NodeId)>,
}

impl Composition {
    fn add(&mut self, name: &str, component: &[u8]) -> Result<(), ComposeError> {
        let package = Package::from_bytes(name, None, component, self.graph.types_mut());
        let package = self.graph.register_package(package.map_err(failed)?).map_err(failed)?;
        let instance = self.graph.instantiate(package);
        for import in self.imports(package) {
            let provider = self.parts.iter().rev().find(|(part, _)| {
                self.graph.types()[self.graph[*part].ty()].exports.contains_key(&import)
            });
            let Some((_, provider)) = provider else { continue };
            let export = self.graph.alias_instance_export(*provider, &import).map_err(failed)?;
            self.graph.set_instantiation_argument(instance, &import, export).map_err(failed)?;
        }
        self.parts.push((package, instance));
        Ok(())
    }

    fn imports(&self, package: PackageId) -> Vec<String> {
        self.graph.types()[self.graph[package].ty()].imports.keys().cloned().collect()
    }

    /// Exports what the last part exports.
    fn export_last(&mut self, names: Names) -> Result<(), ComposeError> {
        let Some((package, instance)) = self.parts.last().copied() else { return Ok(()) };
        let exports = &self.graph.types()[self.graph[package].ty()].exports;
        for name in exports.keys().cloned().collect::<Vec<_>>() {
            let export = self.graph.alias_instance_export(instance, &name).map_err(failed)?;
            let shown = match names {
                Names::Full => name.as_str(),
                Names::Short => short(&name),
            };
            self.graph.export(export, shown).map_err(failed)?;
        }
        Ok(())
    }
}

/// Returns the interface of a name such as `connector:office365/accounts@1.0.0`. The name of
/// another package's interface is kept: hosts look for it.
fn short(name: &str) -> &str {
    let interface = name.strip_prefix("connector:office365/");
    interface.map_or(name, |rest| rest.split('@').next().unwrap_or(rest))
}

fn failed(error: impl Display) -> ComposeError {
    ComposeError::Graph(format!("{error:#}"))
}
