//! What the schemas of every version have in common, and those of the contract do not: a property
//! that can be omitted is not null, no list of required properties is empty, and integers state
//! their size.

use serde_json::{Map, Value};

use super::subschemas::{each, remove_null};

/// Changes a schema of the contract to one of a document.
pub fn tidied(mut schema: Value) -> Value {
    each(&mut schema, &mut |schema| {
        without_optional_null(schema);
        if schema.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            schema.shift_remove("required");
        }
    });
    // An integer that can be omitted is one only when null is removed.
    each(&mut schema, &mut state_size);
    schema
}

/// Removes null from the properties that can be omitted: the server omits them, and clients made
/// by tools cannot send it.
fn without_optional_null(schema: &mut Map<String, Value>) {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        if let (false, Some(property)) =
            (required.iter().any(|it| it == name), property.as_object_mut())
        {
            remove_null(property);
        }
    }
}

/// Adds the format of an integer, without which many languages take 32 bits.
fn state_size(schema: &mut Map<String, Value>) {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
    let (Some(least), Some(most)) = (bound("minimum"), bound("maximum")) else { return };
    let is_integer = schema.get("type").is_some_and(|name| name == "integer");
    if is_integer && !schema.contains_key("format") {
        let fits = i32::try_from(least).is_ok() && i32::try_from(most).is_ok();
        let format = if fits { "int32" } else { "int64" };
        schema.insert("format".to_owned(), format.into());
    }
}
