//! The responses of operations. The table of kinds defines those of failures: kinds with the same
//! status share a response.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{parts, schemas};
use crate::report::kind::{Http, Kind, Reach};
use crate::serve::problem::MEDIA_TYPE;

/// A kind of error with its HTTP response.
pub type Failing = (Kind, Http);

/// The reaches of operations.
const REACHES: [Reach; 3] = [Reach::Run, Reach::Action, Reach::Keyed];

/// Returns the failure responses of an operation with this reach, by status.
pub fn of(reach: Reach) -> Map<String, Value> {
    by_status(reach)
        .into_iter()
        .map(|(status, kinds)| (status.to_string(), reference(&kinds)))
        .collect()
}

/// Returns all failure responses.
pub fn components() -> Map<String, Value> {
    let all: BTreeMap<String, Value> = REACHES
        .into_iter()
        .flat_map(|reach| by_status(reach).into_values())
        .map(|kinds| (name(&kinds), failure(&kinds)))
        .collect();
    all.into_iter().collect()
}

/// Returns a reference to the response that these kinds share.
pub fn reference(kinds: &[Failing]) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(kinds)) })
}

/// Returns a response in JSON.
pub fn success(description: &str, schema: &Value) -> Value {
    content(description, "application/json", schema)
}

/// Returns a response with a media type.
pub fn content(description: &str, media_type: &str, schema: &Value) -> Value {
    json!({ "description": description, "content": { media_type: { "schema": schema } } })
}

/// Returns the kinds of errors of an operation, by status.
fn by_status(reach: Reach) -> BTreeMap<u16, Vec<Failing>> {
    let mut responses: BTreeMap<u16, Vec<Failing>> = BTreeMap::new();
    let reached = reach..Reach::Undocumented;
    for (kind, http) in Kind::over_http().filter(|(_, http)| reached.contains(&http.reach)) {
        responses.entry(http.status.as_u16()).or_default().push((kind, http));
    }
    responses
}

fn name(kinds: &[Failing]) -> String {
    kinds.iter().map(|(kind, _)| kind.name()).collect::<Vec<_>>().join(".")
}

fn failure(kinds: &[Failing]) -> Value {
    let lines: Vec<String> =
        kinds.iter().map(|(kind, http)| format!("- `{}`: {}.", kind.name(), http.title)).collect();
    let any = |has: fn(&Http) -> bool| kinds.iter().any(|(_, http)| has(http));
    let headers: Map<String, Value> = [
        ("run-id", parts::RUN_ID, any(|http| http.reach == Reach::Run)),
        ("Retry-After", parts::RETRY_AFTER, any(|http| http.retry_after)),
        ("WWW-Authenticate", parts::CHALLENGE, any(|http| http.status == StatusCode::UNAUTHORIZED)),
    ]
    .into_iter()
    .filter(|(_, _, has)| *has)
    .map(|(name, part, _)| (name.to_owned(), parts::header(part)))
    .collect();
    let schema = schemas::reference(schemas::PROBLEM);
    let mut failure = content(&lines.join("\n"), MEDIA_TYPE, &schema);
    if let (false, Some(failure)) = (headers.is_empty(), failure.as_object_mut()) {
        failure.insert("headers".to_owned(), headers.into());
    }
    failure
}
