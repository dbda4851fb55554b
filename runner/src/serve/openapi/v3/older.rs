//! Schemas of OpenAPI 3.0: null is a keyword beside one type, and nothing stands beside a
//! reference.

use serde_json::{Map, Value, json};

use crate::serve::openapi::subschemas::{each, remove_null};

/// Changes a schema of JSON Schema 2020-12 to one of OpenAPI 3.0.
pub fn schema(mut schema: Value) -> Value {
    // First of all, since a schema knows by its parts that they allow null.
    each(&mut schema, &mut |schema| {
        if remove_null(schema) {
            schema.insert("nullable".to_owned(), true.into());
        }
    });
    each(&mut schema, &mut |schema| {
        null_alone(schema);
        constant(schema);
        tuple(schema);
        base64(schema);
        reference_alone(schema);
    });
    schema
}

fn null_alone(schema: &mut Map<String, Value>) {
    if schema.get("type").is_some_and(|name| name == "null") {
        schema.shift_remove("type");
        schema.insert("nullable".to_owned(), true.into());
        schema.insert("enum".to_owned(), json!([null]));
    }
}

fn constant(schema: &mut Map<String, Value>) {
    if let Some(value) = schema.shift_remove("const") {
        if value.is_string() {
            schema.insert("type".to_owned(), "string".into());
        }
        schema.insert("enum".to_owned(), json!([value]));
    }
}

/// Keeps of a tuple that its items are any of those that it has.
fn tuple(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(mut items)) = schema.shift_remove("prefixItems") {
        items.dedup();
        let any = match items.as_mut_slice() {
            [] => json!({}),
            [only] => only.take(),
            _ => json!({ "anyOf": items }),
        };
        schema.insert("items".to_owned(), any);
    }
}

fn base64(schema: &mut Map<String, Value>) {
    if schema.shift_remove("contentEncoding").is_some() {
        schema.insert("format".to_owned(), "byte".into());
    }
}

fn reference_alone(schema: &mut Map<String, Value>) {
    if schema.len() > 1
        && let Some(reference) = schema.shift_remove("$ref")
    {
        schema.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}
