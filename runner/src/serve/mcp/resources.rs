//! The lists of choices for arguments, as resources: the licences of the tenant and the codes of
//! countries.

use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents};
use serde_json::{Map, Value, json};
use url::Url;

use super::Face;
use super::party::Party;
use crate::platform::{Call, Failure};
use crate::recording::recorded::CONNECTION_ID;
use crate::serve::actions::connections;
use crate::serve::choices::{CONNECTION, items};
use crate::serve::service::Service;

/// What the address of a list begins with.
const CHOICES: &str = "o365://choices/";

/// Returns the lists that the tenant may read, for each of its connections.
pub(super) fn of(service: &Service, party: &Party) -> Vec<Resource> {
    let Some(tenant) = party.tenant(service) else { return Vec::new() };
    let connections = connections(Some(&tenant));
    let policy = &service.0.policy;
    let lists = policy.choices().iter().filter(|(_, list)| tenant.may_run(&list.action));
    let resources = lists.flat_map(|(name, list)| {
        let calls = policy.action(&list.action).is_some_and(|action| !action.calls.is_empty());
        let resource = move |uri: String| {
            Resource::new(uri, name.clone())
                .with_description(format!("What arguments take, by {}.", list.action))
                .with_mime_type("application/json")
        };
        let uri = format!("{CHOICES}{name}");
        match connections.as_slice() {
            several @ [_, _, ..] if calls => {
                several.iter().map(|id| resource(format!("{uri}?{CONNECTION}={id}"))).collect()
            }
            _ => vec![resource(uri)],
        }
    });
    resources.collect()
}

impl Face {
    /// Reads a list.
    pub(super) async fn read(
        &self,
        party: &Party,
        uri: String,
    ) -> Result<ReadResourceResult, ErrorData> {
        let no_such = || ErrorData::resource_not_found("there is no such resource", None);
        let address = Url::parse(&uri).map_err(|_| no_such())?;
        let list = address.path().strip_prefix('/').filter(|_| uri.starts_with(CHOICES));
        let list = list.and_then(|name| self.service.0.policy.choices().get(name).cloned());
        let list = list.ok_or_else(no_such)?;
        let mut input = Map::new();
        if let Some((_, id)) = address.query_pairs().find(|(name, _)| name == CONNECTION) {
            input.insert(CONNECTION_ID.to_owned(), id.into());
        }
        let call = Call::new(&party.tenant, list.action.clone(), Value::Object(input));
        let service = self.service.clone();
        let result = self.service.0.calls.spawn(async move { service.result(call).await }).await;
        let failed = |failure: Failure| {
            let report = failure.report();
            ErrorData::internal_error(report.message.clone(), Some(report.to_json()))
        };
        let result = result.map_err(|_| failed(Failure::Internal))?;
        let items = items(&list, result.outcome).map_err(failed)?;
        let contents = ResourceContents::text(json!(items).to_string(), uri);
        Ok(ReadResourceResult::new(vec![contents.with_mime_type("application/json")]))
    }
}
