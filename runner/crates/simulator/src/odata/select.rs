//! `$select`.

use serde_json::{Map, Value};

use super::Query;
use crate::objects::Type;
use crate::refusal::Refusal;
use graph::properties::PropertyKind;

/// Returns the selected properties, among the `known` ones of a type; `None` for the default.
pub fn selected(
    query: &Query,
    known: impl Iterator<Item = &'static str> + Clone,
    type_name: &str,
) -> Result<Option<Vec<&'static str>>, Refusal> {
    let Some(option) = query.get("$select") else { return Ok(None) };
    let mut names = Vec::new();
    for name in option.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some(own) = known.clone().find(|own| own.eq_ignore_ascii_case(name)) else {
            return Err(unknown(name, type_name));
        };
        if !names.contains(&own) {
            names.push(own);
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

/// Returns the selected properties of objects of the type `kind`; `None` for the default.
pub fn of_type(option: &str, kind: Type) -> Result<Option<Vec<&'static str>>, Refusal> {
    let mut names = Vec::new();
    for name in option.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let own = kind.property(name).ok_or_else(|| unknown(name, kind.name()))?;
        if own.kind == PropertyKind::Elsewhere {
            return Err(Refusal::not_simulated(own.name));
        }
        if !names.contains(&own.name) {
            names.push(own.name);
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

fn unknown(name: &str, type_name: &str) -> Refusal {
    Refusal::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'."
    ))
}

/// Returns the selected names in the form of an `@odata.context`.
pub fn in_context(selected: Option<&[&str]>) -> String {
    selected.map(|names| format!("({})", names.join(","))).unwrap_or_default()
}

/// Returns an object with the selected members.
pub fn only(object: Value, selected: Option<&[&str]>) -> Value {
    let Some(names) = selected else { return object };
    let Value::Object(mut object) = object else { return object };
    let kept: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), object.remove(*name).unwrap_or(Value::Null)))
        .collect();
    kept.into()
}
