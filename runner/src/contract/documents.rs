//! The component's WIT package with its doc comments, from the custom section that
//! the build appends.

use thiserror::Error;
use wasmparser::{Parser, Payload};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Function, Resolve, WorldItem};

/// The custom section, as the build script names it.
const WIT_SECTION: &str = env!("O365_WIT_SECTION");

/// The WIT package of a component.
pub struct Documents {
    resolve: Resolve,
    world: wit_parser::WorldId,
}

/// An exported action with its documentation.
pub struct Documented<'a> {
    /// Its name, in kebab-case.
    pub name: &'a str,
    /// The function, whose types `resolve` of the `Documents` explains.
    pub function: &'a Function,
}

/// Why a file's documentation cannot be read.
#[derive(Debug, Error)]
pub enum DocumentsError {
    /// It is no WebAssembly component.
    #[error("the file is no WebAssembly component: {0}")]
    NotAComponent(String),
    /// Its WIT package does not hold one world.
    #[error("the component's WIT package has no single world that exports actions")]
    NoWorld,
    /// It exports nothing that could be run.
    #[error("the component exports no actions")]
    NoActions,
}

impl Documents {
    /// Reads the WIT package out of a component; one that does not carry its package
    /// still has its types, without doc comments.
    pub fn read(component: &[u8]) -> Result<Self, DocumentsError> {
        let not_a_component =
            |error: &dyn std::fmt::Display| DocumentsError::NotAComponent(error.to_string());
        if !Parser::is_component(component) {
            return Err(DocumentsError::NotAComponent("it begins as something else".to_owned()));
        }
        let section = section(component).map_err(|error| not_a_component(&error))?;
        match decode(section.unwrap_or(component)).map_err(|error| not_a_component(&error))? {
            DecodedWasm::Component(resolve, world) => Self { resolve, world }.with_actions(),
            DecodedWasm::WitPackage(resolve, package) => {
                let worlds = resolve.packages.get(package).map(|package| &package.worlds);
                match worlds.map(|worlds| worlds.values().copied().collect::<Vec<_>>()).as_deref() {
                    Some(&[world]) => Self { resolve, world }.with_actions(),
                    _ => Err(DocumentsError::NoWorld),
                }
            }
        }
    }

    fn with_actions(self) -> Result<Self, DocumentsError> {
        if self.actions().next().is_none() {
            return Err(DocumentsError::NoActions);
        }
        Ok(self)
    }

    /// The types and their doc comments.
    pub fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// The version of the package, where it has one.
    pub fn version(&self) -> Option<String> {
        let package = self.resolve.worlds.get(self.world)?.package?;
        let version = self.resolve.packages.get(package)?.name.version.as_ref()?;
        Some(version.to_string())
    }

    /// The exported actions, in the order of the WIT files.
    pub fn actions(&self) -> impl Iterator<Item = Documented<'_>> {
        self.resolve
            .worlds
            .get(self.world)
            .into_iter()
            .flat_map(|world| world.exports.values())
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => self.resolve.interfaces.get(*id),
                _ => None,
            })
            .flat_map(|interface| &interface.functions)
            .map(|(name, function)| Documented { name, function })
    }

    /// One exported action.
    pub fn action(&self, name: &str) -> Option<Documented<'_>> {
        self.actions().find(|action| action.name == name)
    }
}

impl Documented<'_> {
    /// The whole doc comment.
    pub fn text(&self) -> &str {
        self.function.docs.contents.as_deref().unwrap_or_default()
    }

    /// The first sentence of the doc comment.
    pub fn summary(&self) -> &str {
        let text = self.text();
        text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
    }
}

fn section(component: &[u8]) -> Result<Option<&[u8]>, wasmparser::BinaryReaderError> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == WIT_SECTION
        {
            return Ok(Some(section.data()));
        }
    }
    Ok(None)
}
