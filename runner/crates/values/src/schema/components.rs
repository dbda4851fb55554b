//! Schemas whose records are written once, under a name, and referred to: for a document
//! that holds many of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wit_parser::{Function, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

use super::{NoSchema, Writer, Written, docs, parameter, success, unaliased};

/// Where a document keeps its named schemas.
const PLACE: &str = "#/components/schemas/";

/// Records that were written once, by name.
#[derive(Debug, Default)]
pub struct Components {
    reserved: Vec<&'static str>,
    written: BTreeMap<String, (TypeId, Value)>,
}

impl Components {
    /// None yet. A record whose name is `reserved` gets its interface's before it.
    pub fn new(reserved: &[&'static str]) -> Self {
        Self { reserved: reserved.to_vec(), written: BTreeMap::new() }
    }

    /// The schema of the function's input, itself spelled out, without `$schema`.
    ///
    /// # Errors
    ///
    /// As [`super::input`].
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

    /// The schema of what the function gives when it succeeds, without `$schema`.
    ///
    /// # Errors
    ///
    /// As [`super::output`].
    pub fn output(&mut self, resolve: &Resolve, function: &Function) -> Written {
        let mut writer = Writer { components: Some(self), ..Writer::new(resolve, function) };
        writer.payload(success(resolve, function).as_ref())
    }

    /// The schemas that are referred to, by name.
    pub fn into_schemas(self) -> impl Iterator<Item = (String, Value)> {
        self.written.into_iter().map(|(name, (_, schema))| (name, schema))
    }

    /// The name of a record: its own, unless another has it too. It does not depend on what
    /// else is written, so that a document for fewer actions has the same names.
    fn name(&self, resolve: &Resolve, id: TypeId, def: &TypeDef) -> Option<String> {
        let own = def.name.as_deref()?;
        let shared = resolve.types.iter().any(|(other, def)| {
            other != id
                && def.name.as_deref() == Some(own)
                && matches!(def.kind, TypeDefKind::Record(_))
        });
        let mut name = pascal(own);
        if shared || self.reserved.contains(&name.as_str()) {
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
    /// The reference to a record, which is written where that has not been done; none for
    /// what is to be spelled out.
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

/// A kebab-case name as schemas are named: `assigned-plan` becomes `AssignedPlan`.
fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}
