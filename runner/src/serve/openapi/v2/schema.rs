//! Schemas of OpenAPI 2.0: one type each, no alternatives and no null. What it cannot say is left
//! out, so that each value of the contract's schema is one of the written schema.

use serde_json::{Map, Value, json};

use crate::serve::openapi::names::{sentence_case, title_case};
use crate::serve::openapi::subschemas::{merge_below, remove_null};

/// The place of the schemas of an API.
const HERE: &str = "#/components/schemas/";

/// The place of schemas in a document.
pub const THERE: &str = "#/definitions/";

/// The keywords with alternatives.
const ALTERNATIVES: [&str; 2] = ["anyOf", "oneOf"];

/// Writes schemas.
pub struct Schemas<'a>(pub &'a Map<String, Value>);

impl Schemas<'_> {
    /// Writes a schema. One that only refers to another remains a reference.
    pub fn written(&self, schema: &Value) -> Value {
        if let Some(name) = referred(schema) {
            return json!({ "$ref": format!("{THERE}{name}") });
        }
        self.spelled_out(schema)
    }

    /// Writes a schema that is not a reference.
    pub fn spelled_out(&self, schema: &Value) -> Value {
        let mut schema = self.resolved(schema);
        constant(&mut schema);
        if schema.shift_remove("contentEncoding").is_some() {
            schema.insert("format".to_owned(), "byte".into());
        }
        if schema.shift_remove("prefixItems").is_some() {
            schema.insert("items".to_owned(), json!({}));
        }
        schema.shift_remove("writeOnly");
        schema.shift_remove("additionalProperties");
        if let Some(items) = schema.get_mut("items") {
            *items = self.written(items);
        }
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            for (name, property) in properties {
                *property = self.property(name, property);
            }
        }
        menu(&mut schema);
        Value::Object(schema)
    }

    /// Writes a property with its label, which has no place beside a reference.
    fn property(&self, name: &str, property: &Value) -> Value {
        let mut written = self.spelled_out(property);
        if let Some(written) = written.as_object_mut() {
            let label = title_case(name);
            if !written.contains_key("description") {
                written.insert("description".to_owned(), format!("{label}.").into());
            }
            written.insert("x-ms-summary".to_owned(), label.into());
        }
        written
    }

    /// Replaces references and alternatives at the top of a schema, and removes null.
    fn resolved(&self, schema: &Value) -> Map<String, Value> {
        let mut schema = schema.as_object().cloned().unwrap_or_default();
        let mut is_nullable = remove_null(&mut schema);
        if schema.get("type").is_some_and(|name| name == "null") {
            schema.shift_remove("type");
            is_nullable = true;
        }
        if let Some(reference) = schema.shift_remove("$ref") {
            let target = reference.as_str().and_then(|it| self.0.get(it.strip_prefix(HERE)?));
            let target = target.map(|target| self.resolved(target)).unwrap_or_default();
            merge_below(&mut schema, target.into());
        }
        for keyword in ALTERNATIVES {
            if let Some(Value::Array(alternatives)) = schema.shift_remove(keyword) {
                merge_below(&mut schema, self.merged(&alternatives).into());
            }
        }
        if is_nullable && !schema.is_empty() {
            schema.insert("x-nullable".to_owned(), true.into());
        }
        schema
    }

    /// Merges alternatives: objects to one with all their properties; of other types, the first.
    fn merged(&self, alternatives: &[Value]) -> Map<String, Value> {
        let mut all = alternatives.iter().map(|one| self.resolved(one));
        let Some(mut merged) = all.next() else { return Map::new() };
        merged.shift_remove("description");
        for other in all.filter(|other| other.contains_key("properties")) {
            merge_objects(&mut merged, other);
        }
        merged
    }
}

/// Adds the properties of another object; those that both require remain required.
fn merge_objects(merged: &mut Map<String, Value>, mut other: Map<String, Value>) {
    let required = other.shift_remove("required");
    let required: Vec<Value> =
        required.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(both) = merged.get_mut("required").and_then(Value::as_array_mut) {
        both.retain(|name| required.contains(name));
        if both.is_empty() {
            merged.shift_remove("required");
        }
    }
    let Some(properties) = merged.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(Value::Object(others)) = other.shift_remove("properties") else { return };
    for (name, mut property) in others {
        match properties.get_mut(&name).and_then(Value::as_object_mut) {
            Some(here) => add_values(here, property.as_object_mut()),
            None => drop(properties.insert(name, property)),
        }
    }
}

/// Adds the values of another enumeration.
fn add_values(here: &mut Map<String, Value>, other: Option<&mut Map<String, Value>>) {
    let Some(other) = other else { return };
    constant(here);
    constant(other);
    let values = (here.get_mut("enum"), other.get("enum"));
    if let (Some(Value::Array(values)), Some(Value::Array(others))) = values {
        values.extend(others.iter().cloned());
    }
}

/// Writes a constant as an enumeration.
fn constant(schema: &mut Map<String, Value>) {
    if let Some(value) = schema.shift_remove("const") {
        if value.is_string() {
            schema.insert("type".to_owned(), "string".into());
        }
        schema.insert("enum".to_owned(), json!([value]));
    }
}

/// Names the values of an enumeration, for a menu.
fn menu(schema: &mut Map<String, Value>) {
    let Some(values) = schema.get("enum").and_then(Value::as_array) else { return };
    let named = |value: &Value| {
        let name = value.as_str().unwrap_or_default();
        let is_kebab = name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let shown = if is_kebab { sentence_case(name) } else { name.to_owned() };
        json!({ "value": value, "displayName": shown })
    };
    let menu: Vec<Value> = values.iter().map(named).collect();
    schema.insert("x-ms-enum-values".to_owned(), menu.into());
}

/// Returns the name of the schema that a schema refers to, if it says nothing else.
fn referred(schema: &Value) -> Option<&str> {
    let schema = schema.as_object().filter(|schema| schema.len() == 1)?;
    schema.get("$ref")?.as_str()?.strip_prefix(HERE)
}
