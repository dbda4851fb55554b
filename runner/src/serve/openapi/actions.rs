//! The operations of an action: its call and its plan.

use serde_json::{Value, json};

use super::model::{Api, Done, Method, Operation, Parameter, Visibility};
use super::names::{pascal_case, sentence_case};
use super::subschemas::is_null;
use super::tidy::tidied;
use super::{View, responses, schemas};
use crate::contract::{ActionPolicy, Documented, Documents};
use crate::recording::recorded::CONNECTION_ID;
use crate::report::kind::Reach;
use crate::values::schema::{Components, NoSchema};

/// What the response means to a call whose caller does not wait.
const ACCEPTED: &str = "The run was accepted, since the request prefers `respond-async`. Its result comes at the `Location`.";

/// Adds the operations of an action and the schema of its input.
pub fn add(
    api: &mut Api,
    documents: &Documents,
    action: &Documented<'_>,
    policy: &ActionPolicy,
    view: &View<'_>,
    components: &mut Components,
) -> Result<(), NoSchema> {
    let mut input = components.input(documents.resolve(), action.function)?;
    name_connections(&mut input, view.connections);
    hide_secrets(&mut input, &policy.secrets);
    let output = components.output(documents.resolve(), action.function)?;
    api.schemas.insert(input_name(action.name), tidied(input));
    let changes = policy.changes_something();
    api.operations.push(run(action, policy, changes, output));
    if changes {
        api.operations.push(plan(action, policy));
    }
    Ok(())
}

/// Returns the name of the schema of an action's input.
pub fn input_name(action: &str) -> String {
    format!("{}Input", pascal_case(action))
}

fn run(action: &Documented<'_>, policy: &ActionPolicy, changes: bool, output: Value) -> Operation {
    let content = match is_null(&output) {
        true => Vec::new(),
        false => vec![("application/json", tidied(output))],
    };
    let done = match content.as_slice() {
        [] => "The action is done, and returns nothing.",
        _ => "What the action returns.",
    };
    // An action that makes no calls is over at once.
    let is_long = !policy.calls.is_empty();
    Operation {
        method: Method::Post,
        path: format!("/v1/actions/{}", action.name),
        id: action.name.to_owned(),
        tag: policy.category.clone(),
        title: sentence_case(action.name),
        summary: action.summary().to_owned(),
        description: Some(action.text().to_owned()),
        parameters: parameters(changes, is_long),
        body: Some(input_name(action.name)),
        done: Done { is_run: true, ..Done::content(done, content) },
        accepted: is_long.then_some(ACCEPTED),
        failures: responses::of(Reach::Run),
        keyed: true,
        without_key: None,
        visibility: Visibility::Normal,
    }
}

/// Returns the parameters of the call of an action.
fn parameters(changes: bool, is_long: bool) -> Vec<Parameter> {
    let prefer = is_long.then_some(Parameter::Prefer);
    // A call that only reads needs no key.
    changes.then_some(Parameter::IdempotencyKey).into_iter().chain(prefer).collect()
}

/// Returns the operation that plans an action. An action that only reads has no plan to speak of.
fn plan(action: &Documented<'_>, policy: &ActionPolicy) -> Operation {
    let done = Done::json("What the action would do.", schemas::reference(schemas::PLAN));
    let what = "Lists the changes that the action would make to the tenant, and makes none.";
    Operation {
        path: format!("/v1/plans/{}", action.name),
        id: format!("plan-{}", action.name),
        title: format!("{} (plan)", sentence_case(action.name)),
        summary: format!("Plans {}", action.name),
        description: Some(format!("{what} The action: {}", action.text())),
        parameters: Vec::new(),
        done: Done { is_run: true, ..done },
        accepted: None,
        visibility: Visibility::Advanced,
        ..run(action, policy, true, json!({}))
    }
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
