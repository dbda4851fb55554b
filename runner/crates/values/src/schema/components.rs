//! Schemas whose records are written once, under a name, for a document with many of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wit_parser::{Function, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

use super::{NoSchema, Writer, Written, docs, parameter, success, unaliased};

/// The place of named schemas in a document.
const PLACE: &str = "#/components/schemas/";

/// The named schemas.
#[derive(Debug, Default)]
pub struct Components {
    reserved: Vec<String>,
    written: BTreeMap<String, (TypeId, Value)>,
}

impl Components {
    /// Creates an empty collection. A record with a `reserved` name is prefixed with its
    /// interface.
    pub fn new<'n>(reserved: impl IntoIterator<Item = &'n str>) -> Self {
        let reserved = reserved.into_iter().map(ToOwned::to_owned).collect();
        Self { reserved, written: BTreeMap::new() }
    }

    /// Returns the schema of the input, written out, without `$schema`. Fails as [`super::input`]
    /// does.
    pub fn input(&mut self, resolve: &Resolve, function: &Function) -> Written {
        let ty = unaliased(resolve, parameter(function)?);
        let mut writer = Writer { components: Some(self), ..Writer::new(resolve, function) };
        match ty {
            Type::Id(id) if let Some(def) = resolve.types.get(id) => {
                Ok(docs::describe(writer.defined(def)?, &def.docs))
            }
            ty => writer.schema(&ty),
        }
    }

    /// Returns the schema of the result, without `$schema`. Fails as [`super::output`] does.
    pub fn output(&mut self, resolve: &Resolve, function: &Function) -> Written {
        let mut writer = Writer { components: Some(self), ..Writer::new(resolve, function) };
        writer.payload(success(resolve, function).as_ref())
    }

    /// Returns the named schemas.
    pub fn into_schemas(self) -> impl Iterator<Item = (String, Value)> {
        self.written.into_iter().map(|(name, (_, schema))| (name, schema))
    }

    /// Returns the name of a record: its own, unless another record has it too. It does not
    /// depend on the other schemas of the document.
    fn name(&self, resolve: &Resolve, id: TypeId, def: &TypeDef) -> Option<String> {
        let own = def.name.as_deref()?;
        let shared = resolve.types.iter().any(|(other, def)| {
            other != id
                && def.name.as_deref() == Some(own)
                && matches!(def.kind, TypeDefKind::Record(_))
        });
        let mut name = pascal(own);
        if shared || self.reserved.contains(&name) {
            let interface = match def.owner {
                TypeOwner::Interface(id) => resolve.interfaces.get(id)?.name.as_deref()?,
                _ => return None,
            };
            name.insert_str(0, &pascal(interface));
        }
        let free = self.written.get(&name).is_none_or(|(other, _)| *other == id);
        free.then_some(name)
    }
}

impl Writer<'_> {
    /// Returns the reference to a record, and writes its schema the first time. Returns `None`
    /// for other types.
    pub(super) fn reference(
        &mut self,
        id: TypeId,
        def: &TypeDef,
    ) -> Result<Option<Value>, NoSchema> {
        let TypeDefKind::Record(_) = def.kind else { return Ok(None) };
        let Some(components) = &self.components else { return Ok(None) };
        let Some(name) = components.name(self.resolve, id, def) else { return Ok(None) };
        let known = components.written.contains_key(&name);
        let reference = json!({ "$ref": format!("{PLACE}{name}") });
        if !known {
            let schema = docs::describe(self.defined(def)?, &def.docs);
            if let Some(components) = &mut self.components {
                components.written.insert(name, (id, schema));
            }
        }
        Ok(Some(reference))
    }
}

/// Converts a kebab-case name: `assigned-plan` becomes `AssignedPlan`.
fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}
