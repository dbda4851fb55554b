//! The two operations of an action: call and description.

use serde_json::{Value, json};

use super::responses::{self, success};
use super::{View, parts, schemas};
use crate::contract::{ActionPolicy, Documented, Documents};
use crate::recording::recorded::CONNECTION_ID;
use crate::report::kind::Reach;
use crate::values::schema::{Components, NoSchema};

/// Returns the path item of an action.
pub fn path(
    documents: &Documents,
    action: &Documented<'_>,
    policy: &ActionPolicy,
    view: &View<'_>,
    components: &mut Components,
) -> Result<Value, NoSchema> {
    let mut input = components.input(documents.resolve(), action.function)?;
    name_connections(&mut input, view.connections);
    hide_secrets(&mut input, &policy.secrets);
    let output = components.output(documents.resolve(), action.function)?;
    Ok(json!({ "get": description(action), "post": run(action, policy, &input, &output) }))
}

fn run(action: &Documented<'_>, policy: &ActionPolicy, input: &Value, output: &Value) -> Value {
    let result = json!({ "oneOf": [output, schemas::reference(schemas::PLAN)] });
    let mut responses = responses::of(Reach::Run);
    let mut done = success("What the action returns, or with `plan` what it would do.", &result);
    if let Some(done) = done.as_object_mut() {
        let headers = json!({
            "run-id": parts::header(parts::RUN_ID),
            "run-warning": parts::header(parts::RUN_WARNING),
        });
        done.insert("headers".to_owned(), headers);
    }
    responses.shift_insert(0, "200".to_owned(), done);
    let mut operation = json!({
        "operationId": action.name,
        "summary": action.summary(),
        "description": action.text(),
        "parameters": [parts::parameter(parts::PLAN), parts::parameter(parts::IDEMPOTENCY_KEY)],
        "requestBody": { "required": true, "content": { "application/json": { "schema": input } } },
        "responses": responses,
    });
    if let (false, Some(operation)) = (policy.category.is_empty(), operation.as_object_mut()) {
        operation.insert("tags".to_owned(), json!([policy.category]));
    }
    operation
}

/// Returns the description operation. Each action has one, because its path hides the path with the
/// variable.
fn description(action: &Documented<'_>) -> Value {
    let mut responses = responses::of(Reach::Action);
    let described = success("The action.", &schemas::reference(schemas::DESCRIPTION));
    responses.shift_insert(0, "200".to_owned(), described);
    json!({
        // The name of an action contains no dot.
        "operationId": format!("describe.{}", action.name),
        "summary": format!("Describes the input and output of {}", action.name),
        "tags": [parts::DESCRIPTIONS],
        "responses": responses,
    })
}

/// Adds the connections of a tenant to the schema of an input. If there is only one, the connection
/// is optional. Without connections the schema is unchanged, because an `enum` must not be empty.
pub(in crate::serve) fn name_connections(input: &mut Value, connections: &[String]) {
    let Some(connection) = input.pointer_mut(&format!("/properties/{CONNECTION_ID}")) else {
        return;
    };
    if connections.is_empty() {
        return;
    }
    if let Some(connection) = connection.as_object_mut() {
        connection.insert("enum".to_owned(), json!(connections));
    }
    if let ([_], Some(required)) =
        (connections, input.get_mut("required").and_then(Value::as_array_mut))
    {
        required.retain(|name| name != CONNECTION_ID);
    }
}

/// Marks the secret inputs, so that forms hide them.
fn hide_secrets(input: &mut Value, secrets: &[String]) {
    let Some(properties) = input.get_mut("properties") else { return };
    for name in secrets {
        if let Some(secret) = properties.get_mut(name).and_then(Value::as_object_mut) {
            secret.insert("format".to_owned(), "password".into());
            secret.insert("writeOnly".to_owned(), true.into());
        }
    }
}
