//! The answers of an operation. Those to failures follow from the table of kinds: what
//! shares a status shares an answer.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{parts, schemas};
use crate::report::kind::{Http, Kind, Reach};
use crate::serve::problem::MEDIA_TYPE;

/// A kind of error, and how the server answers it.
pub type Failing = (Kind, Http);

/// The reaches that operations have.
const REACHES: [Reach; 3] = [Reach::Run, Reach::Action, Reach::Keyed];

/// The answers to the failures of an operation with this reach, by status.
pub fn of(reach: Reach) -> Map<String, Value> {
    by_status(reach)
        .into_iter()
        .map(|(status, kinds)| (status.to_string(), reference(&kinds)))
        .collect()
}

/// All answers to failures that are referred to.
pub fn components() -> Map<String, Value> {
    let all: BTreeMap<String, Value> = REACHES
        .into_iter()
        .flat_map(|reach| by_status(reach).into_values())
        .map(|kinds| (name(&kinds), failure(&kinds)))
        .collect();
    all.into_iter().collect()
}

/// The reference to the answer that these kinds share.
pub fn reference(kinds: &[Failing]) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(kinds)) })
}

/// An answer in JSON.
pub fn success(description: &str, schema: &Value) -> Value {
    content(description, "application/json", schema)
}

/// An answer of one media type.
pub fn content(description: &str, media_type: &str, schema: &Value) -> Value {
    json!({ "description": description, "content": { media_type: { "schema": schema } } })
}

/// The kinds that an operation can end with, by status. A run can end with all of them, what
/// is about an action with fewer.
fn by_status(reach: Reach) -> BTreeMap<u16, Vec<Failing>> {
    let mut answers: BTreeMap<u16, Vec<Failing>> = BTreeMap::new();
    let reached = reach..Reach::Undocumented;
    for (kind, http) in Kind::over_http().filter(|(_, http)| reached.contains(&http.reach)) {
        answers.entry(http.status.as_u16()).or_default().push((kind, http));
    }
    answers
}

fn name(kinds: &[Failing]) -> String {
    kinds.iter().map(|(kind, _)| kind.name()).collect::<Vec<_>>().join(".")
}

fn failure(kinds: &[Failing]) -> Value {
    let lines: Vec<String> =
        kinds.iter().map(|(kind, http)| format!("- `{}`: {}.", kind.name(), http.title)).collect();
    let mut headers = Map::new();
    if kinds.iter().any(|(_, http)| http.reach == Reach::Run) {
        headers.insert("run-id".to_owned(), parts::header(parts::RUN_ID));
    }
    if kinds.iter().any(|(_, http)| http.retry_after) {
        headers.insert("Retry-After".to_owned(), parts::header(parts::RETRY_AFTER));
    }
    if kinds.iter().any(|(_, http)| http.status == StatusCode::UNAUTHORIZED) {
        headers.insert("WWW-Authenticate".to_owned(), parts::header(parts::CHALLENGE));
    }
    let schema = schemas::reference(schemas::PROBLEM);
    let mut failure = content(&lines.join("\n"), MEDIA_TYPE, &schema);
    if let (false, Some(failure)) = (headers.is_empty(), failure.as_object_mut()) {
        failure.insert("headers".to_owned(), headers.into());
    }
    failure
}
