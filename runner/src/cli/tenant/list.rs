//! `o365 tenant list`: each tenant, and what it may use.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::config::TenantConfig;
use crate::limits::{self, TenantLimits};
use crate::values::json_name;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: &'a str,
    connections: &'a [String],
    /// None when it may run all of them.
    actions: Option<&'a BTreeSet<String>>,
    /// How many there are.
    keys: usize,
    /// Each in the unit of the configuration, which its name says.
    limits: Map<String, Value>,
}

/// Lists the tenants, on a terminal as a table.
pub fn run(global: &Global) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    if !output::for_people(global.json) {
        return output::result(&connections.tenants().map(row).collect::<Vec<_>>());
    }
    output::table(
        &["id", "connections", "actions", "keys", "limits"],
        connections.tenants().map(|tenant| {
            vec![
                tenant.id.clone(),
                tenant.connections.join("\n"),
                tenant.actions.as_ref().map_or_else(|| "all".to_owned(), lines),
                tenant.keys.len().to_string(),
                in_words(&tenant.limits),
            ]
        }),
    )
}

fn row(tenant: &TenantConfig) -> Row<'_> {
    Row {
        id: &tenant.id,
        connections: &tenant.connections,
        actions: tenant.actions.as_ref(),
        keys: tenant.keys.len(),
        limits: as_json(&tenant.limits),
    }
}

fn lines(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn as_json(limits: &TenantLimits) -> Map<String, Value> {
    let name = |row: &limits::Row| format!("{}{}", json_name(row.key), row.unit.suffix());
    limits::ROWS.iter().map(|row| (name(row), row.value(limits).into())).collect()
}

fn in_words(limits: &TenantLimits) -> String {
    limits::ROWS.iter().map(|row| (row.words)(row.value(limits))).collect()
}
