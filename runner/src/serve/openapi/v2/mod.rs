//! OpenAPI 2.0 as the custom connectors of Power Platform take it.
//!
//! - `schema`: schemas, with the labels that a designer shows
//! - `operation`: operations
//! - `inputs`: how a designer shows the inputs of an action
//! - `properties`: what a connector needs beside the document
//!
//! The designer uses one schema of each operation and labels each input, so the document has what
//! the rules for connectors demand and leaves out the rest of what OpenAPI 2.0 could say.

mod inputs;
mod operation;
mod properties;
mod schema;

use serde_json::{Map, Value, json};

use super::model::{Api, Operation, Visibility};
use super::names::pascal_case;
use super::shared::{LICENSE, contact, license_url};
use super::{About, View, server};
pub use properties::api_properties;
use schema::{Schemas, THERE};

/// The title, of at most 30 characters; it must name neither an API nor a connector.
const TITLE: &str = "Office 365 users and licences";

/// What the connector does, in at most 500 characters.
const DESCRIPTION: &str = "Creates and licenses users of Office 365, counts the seats of licences, \
    reports on users and sends notification mails.";

/// The heading under which Microsoft lists connectors of this kind.
const CATEGORY: &str = "IT Operations";

/// The security scheme of the tenant's key, which is also the name of the connection parameter.
const KEY: &str = "api_key";

/// The header of the key. In `Authorization` people would have to type the word Bearer.
const KEY_HEADER: &str = "X-API-Key";

/// Writes the document of an API.
pub fn document(api: &Api, about: &About, view: &View<'_>) -> Value {
    let schemas = Schemas(&api.schemas);
    let mut paths: Map<String, Value> = Map::new();
    for operation in shown(api) {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            let written = operation::written(operation, &schemas);
            item.insert(operation.method.key().to_owned(), written);
        }
    }
    let mut document = json!({ "swagger": "2.0", "info": info(about, view) });
    let Some(members) = document.as_object_mut() else { return document };
    if let Some(url) = &view.base_url {
        let path = if url.path().is_empty() { "/" } else { url.path() };
        members.insert("host".to_owned(), url.authority().into());
        members.insert("basePath".to_owned(), path.into());
        members.insert("schemes".to_owned(), json!([url.scheme()]));
    }
    let json_alone = json!(["application/json"]);
    let list = pascal_case(server::LIST_ACTIONS);
    members.extend([
        ("consumes".to_owned(), json_alone.clone()),
        ("produces".to_owned(), json_alone),
        ("definitions".to_owned(), definitions(&paths, api, &schemas).into()),
        ("paths".to_owned(), paths.into()),
        ("tags".to_owned(), tags(api, about)),
        (
            "securityDefinitions".to_owned(),
            json!({ KEY: { "type": "apiKey", "in": "header", "name": KEY_HEADER } }),
        ),
        ("security".to_owned(), json!([{ KEY: [] }])),
        (
            "x-ms-capabilities".to_owned(),
            json!({ "testConnection": { "operationId": list, "parameters": {} } }),
        ),
        (
            "x-ms-connector-metadata".to_owned(),
            json!([{ "propertyName": "Categories", "propertyValue": CATEGORY }]),
        ),
    ]);
    unquote(&mut document);
    document
}

/// Removes the marks of code from descriptions: designers show them as they are.
fn unquote(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => text.retain(|c| c != '`'),
                    member => unquote(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unquote),
        _ => {}
    }
}

/// Returns the operations that designers see.
fn shown(api: &Api) -> impl Iterator<Item = &Operation> {
    api.operations.iter().filter(|operation| operation.visibility != Visibility::Absent)
}

/// Returns the tags that these operations have.
fn tags(api: &Api, about: &About) -> Value {
    let used = |tag: &&String| shown(api).any(|operation| operation.tag == **tag);
    about.tags.iter().filter(used).map(|tag| json!({ "name": tag })).collect()
}

fn info(about: &About, view: &View<'_>) -> Value {
    let mut info = json!({
        "title": TITLE, "description": DESCRIPTION, "version": about.version,
        "license": { "name": LICENSE, "url": license_url() },
    });
    if let (Some(url), Some(info)) = (&view.base_url, info.as_object_mut()) {
        info.insert("contact".to_owned(), contact(url));
    }
    info
}

/// Returns the schemas to which the paths refer, directly or by others.
fn definitions(paths: &Map<String, Value>, api: &Api, schemas: &Schemas<'_>) -> Map<String, Value> {
    let mut definitions: Map<String, Value> = Map::new();
    let mut open: Vec<String> = Vec::new();
    paths.values().for_each(|path| references(path, &mut open));
    while let Some(name) = open.pop() {
        if let (false, Some(schema)) = (definitions.contains_key(&name), api.schemas.get(&name)) {
            let mut written = schemas.spelled_out(schema);
            if api.operations.iter().any(|operation| operation.body.as_ref() == Some(&name)) {
                inputs::show(&mut written);
                inputs::offer(&mut written, api.chosen.iter().filter(|it| it.schema == name));
            }
            references(&written, &mut open);
            definitions.insert(name, written);
        }
    }
    definitions.sort_keys();
    definitions
}

/// Adds the names of the schemas to which a value refers.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|it| it.strip_prefix(THERE)).map(ToOwned::to_owned));
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
