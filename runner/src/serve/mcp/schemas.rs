//! The schemas of what tools take and return.
//!
//! Some clients refuse all tools of a server for one schema whose root is not an object, some read
//! nothing behind a `$ref`, and some require every property, so that one that can be omitted can
//! also be null.

use serde_json::{Map, Value, json};

use super::arguments::{KEY, PLAN};
use crate::contract::ActionPolicy;
use crate::recording::recorded::CONNECTION_ID;
use crate::run::secret_inputs::{GENERATE, SECRET};
use crate::serve::openapi::actions::name_connections;
use crate::serve::openapi::schemas::plan;

/// Returns the schema of the arguments of a tool, whose secrets may be named if `can_name`.
pub(super) fn input(
    mut schema: Value,
    policy: &ActionPolicy,
    connections: &[String],
    can_name: bool,
) -> Value {
    name_connections(&mut schema, connections);
    let optional = !requires(&schema, CONNECTION_ID);
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("$schema");
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return schema;
    };
    if let Some(connection) = properties.get_mut(CONNECTION_ID).filter(|_| optional) {
        or_null(connection);
    }
    for name in &policy.secrets {
        let can_generate = policy.passwords.contains(name);
        if let Some(secret) = properties.get_mut(name).filter(|_| can_generate || can_name) {
            or_elsewhere(secret, can_name, can_generate);
        }
    }
    if policy.changes_something() {
        properties.insert(
            PLAN.to_owned(),
            json!({
                "type": ["boolean", "null"],
                "description": "true returns what the call would change, and changes nothing.",
            }),
        );
        properties.insert(KEY.to_owned(), json!({
            "type": ["string", "null"],
            "description": "Names this call, in 1 to 255 visible ASCII characters: a repeat with the same name returns the first result and does nothing. Without it, a repeat with the same arguments does so for a day.",
        }));
    }
    schema
}

/// Returns the schema of what a tool returns: the result of the action in an object.
pub(super) fn output(mut result: Value, changes: bool) -> Value {
    if let Some(members) = result.as_object_mut() {
        members.shift_remove("$schema");
    }
    let mut properties = Map::from_iter([("result".to_owned(), result)]);
    let mut required = vec!["run"];
    if changes {
        properties.insert("plan".to_owned(), alone(plan()));
        properties.insert("replayed".to_owned(), json!({
            "type": "boolean",
            "description": "Whether this is the result of an earlier call with the same idempotency key. Nothing was done again.",
        }));
    } else {
        required.push("result");
    }
    properties.insert(
        "warnings".to_owned(),
        json!({
            "type": "array", "items": { "type": "string" },
            "description": "Sentences on what the caller may not have meant; absent without any.",
        }),
    );
    properties.insert(
        "run".to_owned(),
        json!({
            "type": "string",
            "description": "The id of the run, which Graph has as client-request-id.",
        }),
    );
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// Returns the schema of a plan without a reference to another schema.
fn alone(mut plan: Value) -> Value {
    if let Some(error) = plan.pointer_mut("/properties/error") {
        *error = json!({
            "type": "object",
            "description": "The error that the action would end with.",
        });
    }
    plan
}

/// Lets a secret be an object that says where it is, or that it is to be made up.
fn or_elsewhere(secret: &mut Value, can_name: bool, can_generate: bool) {
    let Some(members) = secret.as_object_mut() else { return };
    let (mut forms, mut texts) = (Map::new(), Vec::new());
    if can_name {
        let name = json!({ "type": ["string", "null"] });
        forms.insert(
            SECRET.to_owned(),
            json!({
                "type": ["object", "null"], "properties": { "env": name, "file": name },
                "additionalProperties": false,
            }),
        );
        texts.push("{\"$secret\": {\"env\": NAME}} or {\"$secret\": {\"file\": PATH}}, for a secret that the operator allows");
    }
    if can_generate {
        forms.insert(GENERATE.to_owned(), json!({ "type": ["boolean", "null"] }));
        texts.push(
            "{\"$generate\": true}, for a password that the server makes up and its operator reads",
        );
    }
    let text = members.get("description").and_then(Value::as_str).unwrap_or_default();
    let text = format!("{text} In place of the secret: {}.", texts.join("; or "));
    members.insert("type".to_owned(), json!(["string", "object"]));
    members.insert("description".to_owned(), text.into());
    members.insert("properties".to_owned(), Value::Object(forms));
    members.insert("additionalProperties".to_owned(), false.into());
}

/// Lets a property be null.
fn or_null(property: &mut Value) {
    let Some(members) = property.as_object_mut() else { return };
    if let Some(kind) = members.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(names) = members.get_mut("enum").and_then(Value::as_array_mut) {
        names.push(Value::Null);
    }
}

fn requires(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|it| it == name))
}
