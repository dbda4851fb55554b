//! The tools: one for each action that the tenant may run.

use std::sync::Arc;

use rmcp::model::{JsonObject, MetaObject, Tool, ToolAnnotations};
use serde_json::Value;

use super::party::Party;
use super::schemas;
use crate::contract::listing::Description;
use crate::contract::{ActionPolicy, Documented, Documents};
use crate::serve::actions::connections;
use crate::serve::service::Service;
use crate::values::schema::NoSchema;

/// The heading of an action, in the metadata of its tool.
const CATEGORY: &str = "o365/category";

/// Returns the tools of a tenant, in the order of the WIT files.
///
/// # Errors
/// Fails when the types of the component have no schema.
pub(super) fn of(service: &Service, party: &Party) -> Result<Vec<Tool>, NoSchema> {
    let documents = service.0.documents.load();
    let Some(tenant) = party.tenant(service) else { return Ok(Vec::new()) };
    let (connections, can_name) = (connections(Some(&tenant)), !tenant.secrets.is_empty());
    let allowed = documents.actions().filter(|action| tenant.may_run(action.name));
    let tool = |action: Documented<'_>| {
        let policy = service.0.policy.action(action.name).cloned().unwrap_or_default();
        tool(&documents, &action, &policy, (&connections, can_name))
    };
    allowed.map(tool).collect()
}

fn tool(
    documents: &Documents,
    action: &Documented<'_>,
    policy: &ActionPolicy,
    (connections, can_name): (&[String], bool),
) -> Result<Tool, NoSchema> {
    let described = Description::of(documents, action)?;
    let changes = policy.changes_something();
    let input = object(schemas::input(described.input, policy, connections, can_name));
    let output = object(schemas::output(described.output, changes));
    let mut tool = Tool::new(action.name.to_owned(), description(action, policy), input);
    tool.title = Some(policy.title.clone());
    tool.output_schema = Some(output);
    tool.annotations = Some(ToolAnnotations::from_raw(
        Some(policy.title.clone()),
        Some(!changes),
        Some(policy.destructive),
        Some(policy.idempotent),
        Some(policy.open_world),
    ));
    let category = JsonObject::from_iter([(CATEGORY.to_owned(), policy.category.clone().into())]);
    tool.meta = Some(MetaObject(category));
    Ok(tool)
}

/// Returns what a model reads of an action.
fn description(action: &Documented<'_>, policy: &ActionPolicy) -> String {
    let text = action.text().trim();
    match &policy.pages {
        Some(pages) => format!(
            "{text} In a large tenant the result is too large for a tool: call {pages}, which returns it by pages."
        ),
        None => text.to_owned(),
    }
}

fn object(schema: Value) -> Arc<JsonObject> {
    match schema {
        Value::Object(members) => Arc::new(members),
        _ => Arc::default(),
    }
}
