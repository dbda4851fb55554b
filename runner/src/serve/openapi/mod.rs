//! The OpenAPI document (3.1) of the server for one caller, from the WIT and `actions.toml`.
//!
//! - `actions`: the two operations of an action
//! - `operations`: the other operations
//! - `parts`: shared parameters, headers and names
//! - `responses`: the responses of an operation, from the table of kinds
//! - `schemas`: schemas that are not in the WIT: errors, problems, plans

pub(super) mod actions;
mod operations;
mod parts;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};

use crate::contract::{Documents, Policy};
use crate::values::schema::{Components, NoSchema};

/// The version of OpenAPI, which uses JSON Schema 2020-12.
const OPENAPI: &str = "3.1.0";

/// The server as one caller sees it.
pub struct View<'a> {
    /// The tenant, for the text of the document.
    pub tenant: Option<&'a str>,
    /// Whether an action is allowed.
    pub allowed: &'a (dyn Fn(&str) -> bool + Sync),
    /// The ids of the connections. A call may omit the only one.
    pub connections: &'a [String],
    /// The URL of the server, if it differs from that of the document.
    pub server_url: Option<&'a str>,
}

/// Returns the document for one caller. The same view gives the same bytes.
///
/// # Errors
/// Fails for an action whose types have no schema.
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
            "{whose}, with input and output in JSON. Errors are problem details (RFC 9457) with \
             a fix. All requests except those for the health of the server need the key of the \
             tenant."
        ),
        "version": documents.version().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        "license": { "name": license, "identifier": license },
    })
}

/// Returns the tags of the operations: those of the actions first.
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
