//! Walking through a schema.

use serde_json::{Map, Value};

/// The keywords whose value is a schema.
const ONE: [&str; 2] = ["items", "additionalProperties"];

/// The keywords whose value is a list of schemas.
const SEVERAL: [&str; 3] = ["anyOf", "oneOf", "prefixItems"];

/// Applies `change` to each schema below `schema`, and to it last.
pub fn each(schema: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(|property| each(property, change));
    }
    for keyword in ONE {
        if let Some(below) = schema.get_mut(keyword) {
            each(below, change);
        }
    }
    for keyword in SEVERAL {
        let list = schema.get_mut(keyword).and_then(Value::as_array_mut);
        list.into_iter().flatten().for_each(|below| each(below, change));
    }
    change(schema);
}

/// Returns whether a schema allows null alone.
pub fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|name| name == "null")
}

/// Removes null from the types that a schema allows. Returns whether it was there.
pub fn remove_null(schema: &mut Map<String, Value>) -> bool {
    let listed = schema.get_mut("type").and_then(Value::as_array_mut);
    if let Some(names) = listed {
        let count = names.len();
        names.retain(|name| name != "null");
        let removed = names.len() < count;
        if let [name] = names.as_mut_slice() {
            let name = name.take();
            schema.insert("type".to_owned(), name);
        }
        return removed;
    }
    let Some(any) = schema.get_mut("anyOf").and_then(Value::as_array_mut) else { return false };
    let count = any.len();
    any.retain(|one| !is_null(one));
    let removed = any.len() < count;
    if let [only] = any.as_mut_slice() {
        let only = only.take();
        schema.shift_remove("anyOf");
        merge_below(schema, only);
    }
    removed
}

/// Adds the keywords of another schema, unless they are there.
pub fn merge_below(schema: &mut Map<String, Value>, other: Value) {
    let Value::Object(other) = other else { return };
    for (keyword, value) in other {
        schema.entry(keyword).or_insert(value);
    }
}
