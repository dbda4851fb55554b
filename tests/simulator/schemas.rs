//! Graph's schemas, as Microsoft publishes them.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::graph::Reply;

const PUBLISHED: &str = include_str!("../data/graph.json");

/// What the published subset leaves out: groups, relations, and the calls on them.
const DIRECTORY: &str = include_str!("../data/graph-directory.json");

/// Types that others extend: what these add would be unknown to the base alone.
const BASES: [&str; 4] = ["entity", "directoryObject", "outlookItem", "attachment"];

static SCHEMAS: LazyLock<Value> = LazyLock::new(|| prepared(published()));

/// Microsoft's description, with what it leaves out.
pub fn published() -> Value {
    let mut published: Value = serde_json::from_str(PUBLISHED).unwrap();
    let schemas = published["components"]["schemas"].as_object_mut().unwrap();
    schemas.extend(ANSWERS["schemas"].as_object().unwrap().clone());
    for (name, properties) in ANSWERS["extensions"].as_object().unwrap() {
        let own = schemas[name]["allOf"][1]["properties"].as_object_mut().unwrap();
        own.extend(properties.as_object().unwrap().clone());
    }
    published
}

static ANSWERS: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(DIRECTORY).unwrap());

static VALIDATORS: LazyLock<Mutex<HashMap<String, Validator>>> = LazyLock::new(Mutex::default);

/// Checks the body of an answer against the schema for `method` and `path`.
pub fn check(method: &str, path: &str, reply: &Reply) -> Result<(), String> {
    for header in ["date", "request-id", "client-request-id", "x-ms-ags-diagnostic"] {
        if !reply.headers.contains_key(header) {
            return Err(format!("has no header {header}"));
        }
    }
    if reply.status >= 400 {
        return validate("microsoft.graph.ODataErrors.ODataError", &reply.body);
    }
    match schema(method, path, reply.status)? {
        Some(name) => validate(&name, &reply.body),
        None if reply.body == "" || reply.body.is_u64() => Ok(()),
        None => Err("has a body, and the schema has none".to_owned()),
    }
}

/// The name of the schema of an answer; none for one without a body.
fn schema(method: &str, path: &str, status: u16) -> Result<Option<String>, String> {
    let method = method.to_ascii_lowercase();
    let path = path.strip_prefix("/v1.0").unwrap_or(path).replace("//", "/").replace("('", "/");
    let segments: Vec<String> = path.split('/').skip(1).map(|s| s.replace("')", "")).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    for answer in ANSWERS["answers"].as_array().unwrap() {
        let template = answer["path"].as_str().unwrap().split('/').skip(1);
        let fits = template.clone().count() == segments.len()
            && template.zip(&segments).all(|(own, one)| own == "{id}" || own == plain(one));
        if fits && answer["method"] == method && answer["status"] == status {
            return Ok(answer["schema"].as_str().map(ToOwned::to_owned));
        }
    }
    let template = match segments.as_slice() {
        ["users", _] => "/users/{user-id}".to_owned(),
        ["users", _, action] => {
            format!("/users/{{user-id}}/{}", action.trim_start_matches("microsoft.graph."))
        }
        ["me", action] => format!("/me/{}", action.trim_start_matches("microsoft.graph.")),
        other => format!("/{}", other.join("/")),
    };
    let responses = &SCHEMAS["paths"][&template][&method]["responses"];
    let response = responses
        .get(status.to_string())
        .ok_or_else(|| format!("{method} {template} is not documented to answer {status}"))?;
    let reference = response.pointer("/content/application~1json/schema/$ref");
    Ok(reference.map(|name| name.as_str().unwrap().rsplit('/').next().unwrap().to_owned()))
}

/// A segment with the namespace of Graph in place of its alias, and a function without brackets.
fn plain(segment: &str) -> String {
    let casts = ["user", "group"];
    let name = segment.trim_end_matches("()");
    let lower = name.to_lowercase();
    let cast = ["microsoft.graph.", "graph."].iter().find_map(|own| lower.strip_prefix(own));
    let name = cast.unwrap_or(name);
    let is_cast = casts.contains(&name) && name.len() < segment.len();
    if is_cast { format!("microsoft.graph.{name}") } else { name.to_owned() }
}

fn validate(name: &str, body: &Value) -> Result<(), String> {
    let mut validators = VALIDATORS.lock().unwrap();
    let validator = validators.entry(name.to_owned()).or_insert_with(|| {
        let mut schema = SCHEMAS.clone();
        schema["$ref"] = format!("#/components/schemas/{name}").into();
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        jsonschema::validator_for(&schema).unwrap()
    });
    let errors: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("is no {name}: {}", errors.join("; "))) }
}

/// OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, and no object has properties that
/// its type does not know, save for annotations.
fn prepared(mut document: Value) -> Value {
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        nullable(schema);
        let is_base = BASES.iter().any(|base| name.ends_with(&format!(".{base}")));
        if !name.ends_with(".InnerError") {
            close(schema);
        }
        if is_base {
            continue;
        }
        let schema = schema.as_object_mut().unwrap();
        if schema.contains_key("properties") || schema.contains_key("allOf") {
            schema.insert("patternProperties".to_owned(), json!({ "^@odata\\.": {} }));
            schema.entry("unevaluatedProperties").or_insert(false.into());
        }
    }
    document
}

/// Takes back that a type is open for properties that it does not know.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(object) => {
            if object.get("additionalProperties") == Some(&true.into()) {
                object.remove("additionalProperties");
            }
            object.values_mut().for_each(close);
        }
        _ => {}
    }
}

fn nullable(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(nullable),
        Value::Object(object) => {
            object.values_mut().for_each(nullable);
            if object.remove("nullable") == Some(true.into()) {
                let inner = Value::Object(std::mem::take(object));
                *object = Map::from_iter([("anyOf".to_owned(), json!([inner, {"type": "null"}]))]);
            }
        }
        _ => {}
    }
}

#[test]
fn a_wrong_body_is_caught() {
    let good = json!({"@odata.context": "x", "value": [{"id": "1", "displayName": null}]});
    let users = "microsoft.graph.userCollectionResponse";
    assert_eq!(validate(users, &good), Ok(()));
    for (pointer, wrong) in [
        ("/value/0/displayName", json!(7)),
        ("/value/0", json!({"id": "1", "displayNmae": "Anna"})),
        ("/value/0", json!({"assignedLicenses": [{"skuId": "E5"}]})),
        ("/value/0", json!({"assignedLicenses": null})),
        ("/value", json!({})),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = wrong;
        let caught = validate(users, &body);
        assert!(caught.is_err(), "{body}");
    }
    let error = json!({"error": {"code": "x", "message": "y", "details": [{"code": "z"}]}});
    assert!(validate("microsoft.graph.ODataErrors.ODataError", &error).is_err());
    assert!(schema("GET", "/v1.0/users", 201).is_err(), "a status that is not documented");
}
