//! The operations that return the choices of an input.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::model::{Api, Done, Method, Operation, Parameter, Visibility};
use super::names::sentence_case;
use super::responses::Failing;
use super::{View, actions, responses, schemas, server};
use crate::contract::{ChoiceList, Policy};
use crate::recording::recorded::CONNECTION_ID;
use crate::report::kind::Reach;

/// An input that is chosen from a list.
pub struct ChosenInput {
    /// The name of the schema of the input.
    pub schema: String,
    /// The property.
    pub property: String,
    /// The id of the operation that returns the choices.
    pub operation: String,
    /// Whether the choices depend on the connection, which the input names.
    pub by_connection: bool,
}

/// Returns the schema of choices.
pub fn schema() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let choice = json!({
        "type": "object",
        "properties": {
            "value": text("What the input takes."), "title": text("What a person sees."),
        },
        "required": ["value", "title"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "description": "What an input is chosen from.",
        "properties": {
            "items": { "type": "array", "items": choice, "description": "The choices." },
        },
        "required": ["items"],
        "additionalProperties": false,
    })
}

/// Adds the lists whose actions the caller may use, and the inputs that are chosen from them.
pub fn add(api: &mut Api, policy: &Policy, view: &View<'_>) {
    for (name, list) in policy.choices() {
        let source = actions::input_name(&list.action);
        let Some(source) = api.schemas.get(&source) else { continue };
        let takes_connection = source.pointer(&format!("/properties/{CONNECTION_ID}")).is_some();
        api.operations.push(operation(name, list, takes_connection, view));
        let by_connection = takes_connection && view.connections.len() != 1;
        for action in policy.names().filter(|action| (view.allowed)(action)) {
            let choices = policy.action(action).into_iter().flat_map(|action| &action.choices);
            for (property, _) in choices.filter(|(_, list)| *list == name) {
                api.chosen.push(ChosenInput {
                    schema: actions::input_name(action),
                    property: property.clone(),
                    operation: id(name),
                    by_connection,
                });
            }
        }
    }
}

/// Returns the errors of a run that has no body and changes nothing.
fn failures() -> BTreeMap<u16, Vec<Failing>> {
    let mut failures = responses::of(Reach::Run);
    let others = [
        StatusCode::CONFLICT,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    failures.retain(|status, _| !others.iter().any(|other| other == status));
    failures
}

fn id(name: &str) -> String {
    format!("list-{name}")
}

fn operation(name: &str, list: &ChoiceList, takes_connection: bool, view: &View<'_>) -> Operation {
    let connection = || Parameter::Connection(view.connections.to_vec());
    let done = Done::json("The choices.", schemas::reference(schemas::CHOICES));
    Operation {
        method: Method::Get,
        path: format!("/v1/choices/{name}"),
        id: id(name),
        tag: server::DESCRIPTIONS.to_owned(),
        title: sentence_case(&id(name)),
        summary: format!("Lists the {name} from which an input is chosen"),
        description: Some(format!(
            "Lists the {name} from which an input is chosen, by running the action {}.",
            list.action
        )),
        parameters: if takes_connection { vec![connection()] } else { Vec::new() },
        body: None,
        done: Done { is_run: true, ..done },
        accepted: None,
        failures: failures(),
        keyed: true,
        without_key: None,
        visibility: Visibility::Internal,
    }
}
