//! `$select`, and which properties there are.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

pub use graph::properties::{PropertyKind, USER, USER_DEFAULT};

/// The properties that a request selected, under their own names; none if it selected
/// none. `known` are those of the type `of_type`.
pub fn selected(
    option: Option<&str>,
    known: &[&'static str],
    of_type: &str,
) -> Result<Option<Vec<&'static str>>, Refusal> {
    let Some(option) = option else { return Ok(None) };
    let mut names = Vec::new();
    for name in option.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some(own) = known.iter().find(|own| own.eq_ignore_ascii_case(name)) else {
            return Err(Refusal::malformed(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{of_type}'."
            )));
        };
        if !names.contains(own) {
            names.push(own);
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

/// The selected names as the context of an answer has them.
pub fn in_context(selected: Option<&[&str]>) -> String {
    selected.map(|names| format!("({})", names.join(","))).unwrap_or_default()
}

/// An object without what was not selected.
pub fn only(object: Value, selected: Option<&[&str]>) -> Value {
    let Some(names) = selected else { return object };
    let Value::Object(mut object) = object else { return object };
    let kept: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), object.remove(*name).unwrap_or(Value::Null)))
        .collect();
    kept.into()
}
