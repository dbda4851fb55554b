//! `o365 tenant list`: lists the tenants of the configuration.

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
    /// `None` for all actions.
    actions: Option<&'a BTreeSet<String>>,
    /// The number of keys.
    keys: usize,
    /// The names contain the units.
    limits: Map<String, Value>,
}

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
