//! How a designer shows the inputs of an action.

use serde_json::{Map, Value, json};

use super::operation::{BODY, VISIBILITY};
use crate::recording::recorded::CONNECTION_ID;
use crate::serve::openapi::choices::ChosenInput;
use crate::serve::openapi::names::pascal_case;
use crate::serve::openapi::shared::CONNECTION;

/// Says how a designer shows the inputs: the required ones first, and the others on demand.
pub fn show(schema: &mut Value) {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        let is_required = required.iter().any(|it| it == name);
        if let Some(property) = property.as_object_mut() {
            let shown = if is_required { "important" } else { "advanced" };
            property.insert(VISIBILITY.to_owned(), shown.into());
            if name == CONNECTION_ID {
                name_ids(property);
            }
        }
    }
}

/// Shows the ids of connections as they are.
fn name_ids(connection: &mut Map<String, Value>) {
    let ids = connection.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    let menu: Vec<Value> =
        ids.into_iter().map(|id| json!({ "value": id, "displayName": id })).collect();
    if !menu.is_empty() {
        connection.insert("x-ms-enum-values".to_owned(), menu.into());
    }
}

/// Adds the lists from which inputs are chosen. Older flows read the second form.
pub fn offer<'a>(schema: &mut Value, chosen: impl Iterator<Item = &'a ChosenInput>) {
    for input in chosen {
        let property = schema.pointer_mut(&format!("/properties/{}", input.property));
        if let Some(property) = property.and_then(Value::as_object_mut) {
            property.extend([
                ("x-ms-dynamic-list".to_owned(), list(input)),
                ("x-ms-dynamic-values".to_owned(), values(input)),
            ]);
        }
    }
}

fn list(input: &ChosenInput) -> Value {
    json!({
        "operationId": pascal_case(&input.operation),
        "itemsPath": "items", "itemValuePath": "value", "itemTitlePath": "title",
        "parameters": parameters(input, "parameterReference", &format!("{BODY}/{CONNECTION_ID}")),
    })
}

fn values(input: &ChosenInput) -> Value {
    json!({
        "operationId": pascal_case(&input.operation),
        "value-collection": "items", "value-path": "value", "value-title": "title",
        "parameters": parameters(input, "parameter", CONNECTION_ID),
    })
}

/// Returns the parameters of a list: the connection that the input names, if that decides.
fn parameters(input: &ChosenInput, keyword: &str, place: &str) -> Map<String, Value> {
    let connection = (CONNECTION.to_owned(), json!({ keyword: place }));
    input.by_connection.then_some(connection).into_iter().collect()
}
