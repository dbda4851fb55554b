//! OpenAPI 3.1, which uses JSON Schema 2020-12 as the contract does, and OpenAPI 3.0, which has a
//! schema language of its own.
//!
//! - `parts`: shared parameters and headers
//! - `responses`: the responses of an operation
//! - `older`: schemas of OpenAPI 3.0

mod older;
mod parts;
mod responses;

use serde_json::{Map, Value, json};

use super::model::{Api, Operation};
use super::names::camel_case;
use super::shared::{LICENSE, contact, license_url};
use super::{About, View};

/// A version of OpenAPI 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 3.1
    #[default]
    V31,
    /// 3.0
    V30,
}

impl Version {
    /// Every version, the newest first.
    pub const ALL: [Self; 2] = [Self::V31, Self::V30];

    /// Returns the version with this name, such as `3.0`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V31 => "3.1",
            Self::V30 => "3.0",
        }
    }

    /// Returns the exact version that documents state.
    const fn exact(self) -> &'static str {
        match self {
            Self::V31 => "3.1.0",
            Self::V30 => "3.0.3",
        }
    }

    /// Returns a schema as this version has it.
    fn schema(self, schema: &Value) -> Value {
        match self {
            Self::V31 => schema.clone(),
            Self::V30 => older::schema(schema.clone()),
        }
    }
}

/// Writes the document of an API.
pub fn document(api: &Api, about: &About, view: &View<'_>, version: Version) -> Value {
    let schemas: Map<String, Value> =
        api.schemas.iter().map(|(name, schema)| (name.clone(), version.schema(schema))).collect();
    let mut document = json!({
        "openapi": version.exact(),
        "info": info(about, view, version),
        "tags": about.tags.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "security": [{ parts::KEY: [] }],
        "paths": paths(api, version),
        "components": {
            "schemas": schemas,
            "parameters": parts::parameters(),
            "headers": parts::headers(),
            "responses": responses::components(api, version),
            "securitySchemes": parts::security_schemes(),
        },
    });
    if let (Some(url), Some(document)) = (&view.base_url, document.as_object_mut()) {
        document.insert("servers".to_owned(), json!([{ "url": url.to_string() }]));
    }
    document
}

fn info(about: &About, view: &View<'_>, version: Version) -> Value {
    let license = match version {
        Version::V31 => json!({ "name": LICENSE, "identifier": LICENSE }),
        Version::V30 => json!({ "name": LICENSE, "url": license_url() }),
    };
    let mut info = json!({
        "title": "Office 365 connector", "description": about.description,
        "version": about.version, "license": license,
    });
    if let (Some(url), Some(info)) = (&view.base_url, info.as_object_mut()) {
        info.insert("contact".to_owned(), contact(url));
    }
    info
}

fn paths(api: &Api, version: Version) -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for operation in &api.operations {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.key().to_owned(), written(operation, version));
        }
    }
    paths
}

fn written(operation: &Operation, version: Version) -> Value {
    let mut members = Map::from_iter([
        ("operationId".to_owned(), camel_case(&operation.id).into()),
        ("summary".to_owned(), operation.summary.clone().into()),
    ]);
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("description", operation.sentences().into());
    if !operation.tag.is_empty() {
        add("tags", json!([operation.tag]));
    }
    if !operation.keyed {
        add("security", json!([]));
    }
    if !operation.parameters.is_empty() {
        add("parameters", operation.parameters.iter().map(parts::parameter).collect());
    }
    if let Some(name) = &operation.body {
        let content = json!({ "application/json": { "schema": super::schemas::reference(name) } });
        add("requestBody", json!({ "required": true, "content": content }));
    }
    add("responses", responses::of(operation, version).into());
    Value::Object(members)
}
