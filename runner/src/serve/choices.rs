//! Lists of choices over HTTP: `GET /v1/choices/{list}` runs the action that returns the items, as
//! any call does.

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tracing::Instrument;
use url::form_urlencoded;
use uuid::Uuid;

use super::actions::{CallerParts, invalid};
use super::authentication::Tenant;
use super::problem::Problem;
use super::response::stored;
use super::service::Service;
use crate::contract::{Choice, ChoiceList};
use crate::platform::{Call, CallResult, Failure};
use crate::recording::recorded::CONNECTION_ID;
use crate::report::Kind;
use crate::values::JsonText;

/// The query parameter that names the connection. `connectionId` is a reserved name where
/// connectors are made of the document.
pub(super) const CONNECTION: &str = "connection";

/// `GET /v1/choices/{list}`: returns the choices of a list.
pub(super) async fn choices(
    State(service): State<Service>,
    (Tenant(tenant), _, Extension(facts)): CallerParts,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let named = name.ok().and_then(|Path(name)| service.0.policy.choices().get(&name).cloned());
    let list = named.ok_or_else(|| no_such_list(&service))?;
    let input = input(query.as_deref())?;
    let run = Uuid::now_v7();
    let _ = facts.run.set(run);
    let call = Call { run: Some(run), ..Call::new(tenant, list.action.clone(), input) };
    // As a call: a client that disconnects does not stop the run.
    let calls = service.0.calls.clone();
    let response = async move { stored(chosen(&list, service.result(call).await)) };
    let response = calls.spawn(response.in_current_span()).await;
    let response = response.map_err(|_| Problem::new(&Failure::Internal.report()))?;
    Ok(response.into_response())
}

/// Returns the choices in the result of the action.
pub(super) fn items(
    list: &ChoiceList,
    outcome: Result<JsonText, Failure>,
) -> Result<Vec<Choice>, Failure> {
    list.of(&outcome?.into_value()).ok_or(Failure::Internal)
}

/// Replaces the result of the action by the choices in it.
fn chosen(list: &ChoiceList, result: CallResult) -> CallResult {
    let items = items(list, result.outcome);
    let outcome = items.map(|items| JsonText::of(&json!({ "items": items })));
    CallResult { outcome, ..result }
}

fn no_such_list(service: &Service) -> Problem {
    let names: Vec<&str> = service.0.policy.choices().keys().map(String::as_str).collect();
    let fix = format!("Use one of these lists: {}.", names.join(", "));
    Problem::refusal(Kind::NoSuchPath, "there is no such list of choices", &fix)
}

/// Reads the input of the action from a query, which has no parameter but the connection.
fn input(query: Option<&str>) -> Result<Value, Problem> {
    let mut input = json!({});
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != CONNECTION {
            let fix = "Remove it: the only query parameter of choices is connection.";
            return Err(invalid("the query has an unknown parameter", fix));
        }
        let fields = input.as_object_mut();
        if fields.is_some_and(|it| it.insert(CONNECTION_ID.to_owned(), (*value).into()).is_some()) {
            let message = "the query has the parameter connection twice";
            return Err(invalid(message, "Remove one of them."));
        }
    }
    Ok(input)
}
