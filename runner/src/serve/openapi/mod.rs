//! The OpenAPI document (3.1) of the server, as one caller sees it, from the WIT and
//! `actions.toml`.
//!
//! - `actions`: the two operations of an action
//! - `operations`: the others
//! - `parts`: parameters, headers and what else the operations share
//! - `responses`: the failures of an operation, from the table of kinds
//! - `schemas`: what is not in the WIT: errors, problems, plans

pub(super) mod actions;
mod operations;
mod parts;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};

use crate::contract::{Documents, Policy};
use crate::values::schema::{Components, NoSchema};

/// The version of OpenAPI, whose schemas are of JSON Schema 2020-12.
const OPENAPI: &str = "3.1.0";

/// What one caller sees of the server.
pub struct View<'a> {
    /// The tenant that asks, for the document's text.
    pub tenant: Option<&'a str>,
    /// Whether an action is allowed.
    pub allowed: &'a (dyn Fn(&str) -> bool + Sync),
    /// The ids of the connections that the caller may use. With exactly one of them, a call
    /// need not name it.
    pub connections: &'a [String],
    /// Where the server is, when that is not where the document came from.
    pub server_url: Option<&'a str>,
}

/// The document for one caller, in a stable order: the same view gives the same bytes.
///
/// # Errors
/// An action whose types have no schema.
pub fn document(
    documents: &Documents,
    policy: &Policy,
    view: &View<'_>,
) -> Result<Value, NoSchema> {
    let mut components = Components::new(&schemas::NAMES);
    let mut paths = Map::from_iter([("/v1/actions".to_owned(), operations::list())]);
    let mut categories: Vec<String> = Vec::new();
    for action in documents.actions().filter(|action| (view.allowed)(action.name)) {
        let known = policy.action(action.name).cloned().unwrap_or_default();
        let path = actions::path(documents, &action, &known, view, &mut components)?;
        paths.insert(format!("/v1/actions/{}", action.name), path);
        if !categories.contains(&known.category) {
            categories.push(known.category);
        }
    }
    paths.extend(operations::of_the_server());
    let mut document = json!({
        "openapi": OPENAPI,
        "info": info(documents, view),
        "tags": tags(categories),
        "security": [{ parts::KEY: [] }],
        "paths": paths,
        "components": {
            "schemas": all_schemas(documents, components)?,
            "parameters": parts::parameters(),
            "headers": parts::headers(),
            "responses": responses::components(),
            "securitySchemes": parts::security_schemes(),
        },
    });
    if let (Some(url), Some(document)) = (view.server_url, document.as_object_mut()) {
        document.insert("servers".to_owned(), json!([{ "url": url }]));
    }
    Ok(document)
}

fn info(documents: &Documents, view: &View<'_>) -> Value {
    let whose = match view.tenant {
        Some(tenant) => format!("The actions that the tenant `{tenant}` may use"),
        None => "The actions".to_owned(),
    };
    let license = env!("CARGO_PKG_LICENSE");
    json!({
        "title": "Office 365 connector",
        "description": format!(
            "{whose}, each with JSON in and JSON out. What fails is told as problem details \
             (RFC 9457), with what to do about it. Every call but those for the server's \
             health needs the tenant's key."
        ),
        "version": documents.version().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        "license": { "name": license, "identifier": license },
    })
}

/// The headings of the operations: the actions' own, then the others.
fn tags(categories: Vec<String>) -> Vec<Value> {
    let others = [parts::DESCRIPTIONS, parts::SERVER].map(ToOwned::to_owned);
    categories
        .into_iter()
        .filter(|category| !category.is_empty())
        .chain(others)
        .map(|name| json!({ "name": name }))
        .collect()
}

fn all_schemas(
    documents: &Documents,
    components: Components,
) -> Result<Map<String, Value>, NoSchema> {
    let mut all: Map<String, Value> = components.into_schemas().collect();
    all.extend(schemas::fixed(documents)?);
    all.sort_keys();
    Ok(all)
}
