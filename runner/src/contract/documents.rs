//! The component's WIT package with its doc comments, from the custom section that the build
//! appends.

use thiserror::Error;
use wasmparser::{BinaryReaderError, Parser, Payload};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Function, Resolve, WorldId, WorldItem};

/// The name of the custom section, from the build script.
const WIT_SECTION: &str = env!("O365_WIT_SECTION");

/// The WIT package of a component.
pub struct Documents {
    resolve: Resolve,
    world: WorldId,
}

/// An exported action with its documentation.
pub struct Documented<'a> {
    /// The name, in kebab-case.
    pub name: &'a str,
    /// The function. [`Documents::resolve`] resolves its types.
    pub function: &'a Function,
}

/// Why a component's documentation cannot be read.
#[derive(Debug, Error)]
pub enum DocumentsError {
    /// The file is not a WebAssembly component.
    #[error("the file is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// The WIT package does not have exactly one world.
    #[error("the component's WIT package has no single world that exports actions")]
    NoWorld,
    /// The component exports no functions.
    #[error("the component exports no actions")]
    NoActions,
}

impl Documents {
    /// Reads the WIT package of a component. A component without the section has its types,
    /// but no doc comments.
    pub fn read(component: &[u8]) -> Result<Self, DocumentsError> {
        if !Parser::is_component(component) {
            return Err(DocumentsError::NotAComponent(
                "its header is not a component's".to_owned(),
            ));
        }
        let invalid =
            |error: &dyn std::fmt::Display| DocumentsError::NotAComponent(error.to_string());
        let section = wit_section(component).map_err(|error| invalid(&error))?;
        let decoded = decode(section.unwrap_or(component)).map_err(|error| invalid(&error))?;
        let (resolve, world) = match decoded {
            DecodedWasm::Component(resolve, world) => (resolve, world),
            DecodedWasm::WitPackage(resolve, package) => {
                let mut worlds =
                    resolve.packages.get(package).into_iter().flat_map(|it| it.worlds.values());
                let (Some(world), None) = (worlds.next().copied(), worlds.next()) else {
                    return Err(DocumentsError::NoWorld);
                };
                (resolve, world)
            }
        };
        let documents = Self { resolve, world };
        if documents.actions().next().is_none() {
            return Err(DocumentsError::NoActions);
        }
        Ok(documents)
    }

    /// Returns the types and their doc comments.
    pub fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// Returns the version of the package, if it has one.
    pub fn version(&self) -> Option<String> {
        let package = self.resolve.worlds.get(self.world)?.package?;
        let version = self.resolve.packages.get(package)?.name.version.as_ref()?;
        Some(version.to_string())
    }

    /// Returns the exported actions, in the order of the WIT files.
    pub fn actions(&self) -> impl Iterator<Item = Documented<'_>> {
        let exports = self.resolve.worlds.get(self.world).into_iter();
        exports
            .flat_map(|world| world.exports.values())
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => self.resolve.interfaces.get(*id),
                _ => None,
            })
            .flat_map(|interface| &interface.functions)
            .map(|(name, function)| Documented { name, function })
    }

    /// Returns one exported action.
    pub fn action(&self, name: &str) -> Option<Documented<'_>> {
        self.actions().find(|action| action.name == name)
    }
}

impl Documented<'_> {
    /// Returns the whole doc comment.
    pub fn text(&self) -> &str {
        self.function.docs.contents.as_deref().unwrap_or_default()
    }

    /// Returns the first sentence of the doc comment.
    pub fn summary(&self) -> &str {
        let text = self.text();
        text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
    }
}

/// Returns the encoded WIT package of a component, with the doc comments; `None` if it has none.
///
/// # Errors
/// Fails when the bytes are not WebAssembly.
pub fn wit_section(component: &[u8]) -> Result<Option<&[u8]>, BinaryReaderError> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == WIT_SECTION
        {
            return Ok(Some(section.data()));
        }
    }
    Ok(None)
}
