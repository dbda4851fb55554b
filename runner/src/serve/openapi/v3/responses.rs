//! The responses of operations. Operations refer to those of failures.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Version, parts};
use crate::report::kind::{Http, Reach};
use crate::serve::openapi::model::{Api, Done, Operation};
use crate::serve::openapi::responses::{Failing, lines};
use crate::serve::openapi::schemas;
use crate::serve::problem::MEDIA_TYPE;

/// Returns the responses of an operation, by status.
pub fn of(operation: &Operation, version: Version) -> Map<String, Value> {
    let mut responses = Map::from_iter([("200".to_owned(), done(&operation.done, version))]);
    if let Some(text) = operation.accepted {
        responses.insert(StatusCode::ACCEPTED.as_str().to_owned(), accepted(text, version));
    }
    for (status, kinds) in &operation.failures {
        responses.insert(status.to_string(), reference(kinds));
    }
    if let Some(page) = &operation.without_key {
        responses.insert(StatusCode::UNAUTHORIZED.as_str().to_owned(), done(page, version));
    }
    responses
}

/// Returns the responses of all failures.
pub fn components(api: &Api, version: Version) -> BTreeMap<String, Value> {
    let kinds = api.operations.iter().flat_map(|operation| operation.failures.values());
    kinds.map(|kinds| (name(kinds), failure(kinds, version))).collect()
}

fn reference(kinds: &[Failing]) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(kinds)) })
}

fn name(kinds: &[Failing]) -> String {
    kinds.iter().map(|(kind, _)| kind.name()).collect::<Vec<_>>().join(".")
}

fn done(done: &Done, version: Version) -> Value {
    let run = [
        ("run-id", parts::RUN_ID),
        ("run-warning", parts::RUN_WARNING),
        ("X-Request-Id", parts::REQUEST_ID),
    ];
    let headers = run.into_iter().filter(|_| done.is_run);
    response(&done.description, &done.content, headers, version)
}

fn accepted(text: &str, version: Version) -> Value {
    let headers = [
        ("run-id", parts::RUN_ID),
        ("Location", parts::LOCATION),
        ("Retry-After", parts::RETRY_AFTER),
        ("Preference-Applied", parts::PREFERENCE_APPLIED),
    ];
    let content = [("application/json", schemas::reference(schemas::RUN))];
    response(text, &content, headers.into_iter(), version)
}

fn failure(kinds: &[Failing], version: Version) -> Value {
    let text: Vec<String> = lines(kinds).iter().map(|line| format!("- {line}")).collect();
    let any = |has: fn(&Http) -> bool| kinds.iter().any(|(_, http)| has(http));
    let of_run = any(|http| http.reach == Reach::Run);
    let headers = [
        ("run-id", parts::RUN_ID, of_run),
        ("X-Request-Id", parts::REQUEST_ID, of_run),
        ("Retry-After", parts::RETRY_AFTER, any(|http| http.retry_after)),
        ("WWW-Authenticate", parts::CHALLENGE, any(|http| http.status == StatusCode::UNAUTHORIZED)),
    ];
    let headers =
        headers.into_iter().filter(|(_, _, has)| *has).map(|(name, part, _)| (name, part));
    let content = [(MEDIA_TYPE, schemas::reference(schemas::PROBLEM))];
    response(&text.join("\n"), &content, headers, version)
}

fn response(
    description: &str,
    content: &[(&str, Value)],
    headers: impl Iterator<Item = (&'static str, &'static str)>,
    version: Version,
) -> Value {
    let headers: Map<String, Value> =
        headers.map(|(name, part)| (name.to_owned(), parts::header(part))).collect();
    let content: Map<String, Value> = content
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), json!({ "schema": version.schema(schema) })))
        .collect();
    let mut response = Map::from_iter([("description".to_owned(), description.into())]);
    for (name, members) in [("headers", headers), ("content", content)] {
        if !members.is_empty() {
            response.insert(name.to_owned(), members.into());
        }
    }
    Value::Object(response)
}
