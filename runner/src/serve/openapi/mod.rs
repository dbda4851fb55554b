//! The OpenAPI documents of the server for one caller, from the WIT and `actions.toml`.
//!
//! - `model`: the operations of the server, of which each version has its own form
//! - `actions`, `server`: the operations of an action, and those of the server
//! - `runs`: the operations on runs that nobody waits for
//! - `choices`: the operations that return the choices of an input
//! - `responses`: the responses to requests that fail, from the table of kinds
//! - `schemas`: schemas that are not in the WIT: errors, problems, plans
//! - `tidy`, `subschemas`: what the schemas of every version have in common
//! - `names`, `shared`: names and texts
//! - `v3`: OpenAPI 3.1 and 3.0
//! - `v2`: OpenAPI 2.0, for the connectors of Power Platform

pub(super) mod actions;
mod choices;
mod model;
mod names;
mod responses;
mod runs;
pub(in crate::serve) mod schemas;
mod server;
mod shared;
mod subschemas;
mod tidy;
mod v2;
mod v3;

use serde_json::{Map, Value};

use crate::base_url::BaseUrl;
use crate::contract::{Documents, Policy};
use crate::values::schema::{Components, NoSchema};
use model::Api;
pub use v2::api_properties;
pub use v3::Version;

/// The server as one caller sees it.
pub struct View<'a> {
    /// The tenant, for the text of the document.
    pub tenant: Option<&'a str>,
    /// Whether an action is allowed.
    pub allowed: &'a (dyn Fn(&str) -> bool + Sync),
    /// The ids of the connections. A call may omit the only one.
    pub connections: &'a [String],
    /// The URL of the server, if it is known.
    pub base_url: Option<BaseUrl>,
}

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// OpenAPI 3.
    OpenApi(Version),
    /// OpenAPI 2.0.
    Swagger,
}

/// What a document says of itself.
struct About {
    description: String,
    version: String,
    /// The tags of its operations: those of the actions first.
    tags: Vec<String>,
}

/// Returns the document for one caller. The same view gives the same bytes.
///
/// # Errors
/// Fails for an action whose types have no schema.
pub fn document(
    documents: &Documents,
    policy: &Policy,
    view: &View<'_>,
    form: Form,
) -> Result<Value, NoSchema> {
    let api = api(documents, policy, view)?;
    let about = About::of(documents, view, &api);
    Ok(match form {
        Form::OpenApi(version) => v3::document(&api, &about, view, version),
        Form::Swagger => v2::document(&api, &about, view),
    })
}

fn api(documents: &Documents, policy: &Policy, view: &View<'_>) -> Result<Api, NoSchema> {
    let inputs: Vec<String> =
        documents.actions().map(|action| actions::input_name(action.name)).collect();
    let taken = schemas::NAMES.iter().copied().chain(inputs.iter().map(String::as_str));
    let mut components = Components::new(taken);
    let mut api = Api::default();
    api.operations.push(server::list());
    for action in documents.actions().filter(|action| (view.allowed)(action.name)) {
        let known = policy.action(action.name).cloned().unwrap_or_default();
        actions::add(&mut api, documents, &action, &known, view, &mut components)?;
    }
    choices::add(&mut api, policy, view);
    api.operations.extend(runs::operations());
    api.operations.extend(server::others());
    api.distinguish();
    api.schemas.extend(components.into_schemas().map(|(name, it)| (name, tidy::tidied(it))));
    api.schemas.extend(schemas::fixed(documents)?);
    api.schemas.sort_keys();
    Ok(api)
}

impl About {
    fn of(documents: &Documents, view: &View<'_>, api: &Api) -> Self {
        let whose = match view.tenant {
            Some(tenant) => format!("The actions that the tenant `{tenant}` may use"),
            None => "The actions".to_owned(),
        };
        let description = format!(
            "{whose}, with input and output in JSON. Errors are problem details (RFC 9457) with a \
             fix. All requests except those for the health of the server need the key of the \
             tenant."
        );
        let version = documents.version().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
        Self { description, version, tags: tags(api) }
    }
}

/// Returns the tags of the operations: those of the actions first.
fn tags(api: &Api) -> Vec<String> {
    let mut tags: Map<String, Value> = Map::new();
    let is_own = |tag: &str| [server::DESCRIPTIONS, runs::RUNS, server::SERVER].contains(&tag);
    let all = api.operations.iter().map(|operation| &operation.tag).filter(|tag| !tag.is_empty());
    for own in [false, true] {
        tags.extend(
            all.clone().filter(|tag| is_own(tag) == own).map(|it| (it.clone(), own.into())),
        );
    }
    tags.into_iter().map(|(tag, _)| tag).collect()
}
