//! `o365 tenant list`: lists the tenants of the configuration.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::api_key::AcceptedKey;
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
    /// The end of each key; `None` for a key without one.
    key_expiry: Vec<Option<Timestamp>>,
    /// Whether one of the keys is valid.
    has_access: bool,
    /// The names contain the units.
    limits: Map<String, Value>,
}

pub fn run(global: &Global) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let now = Timestamp::now();
    if !output::for_people(global.json) {
        return output::result(
            &connections.tenants().map(|tenant| row(tenant, now)).collect::<Vec<_>>(),
        );
    }
    output::table(
        &["id", "connections", "actions", "keys", "limits"],
        connections.tenants().map(|tenant| {
            vec![
                tenant.id.clone(),
                tenant.connections.join("\n"),
                tenant.actions.as_ref().map_or_else(|| "all".to_owned(), lines),
                keys_in_words(&tenant.keys, now),
                in_words(&tenant.limits),
            ]
        }),
    )
}

fn row(tenant: &TenantConfig, now: Timestamp) -> Row<'_> {
    Row {
        id: &tenant.id,
        connections: &tenant.connections,
        actions: tenant.actions.as_ref(),
        keys: tenant.keys.len(),
        key_expiry: tenant.keys.iter().map(|key| key.expires).collect(),
        has_access: has_access(&tenant.keys, now),
        limits: as_json(&tenant.limits),
    }
}

fn has_access(keys: &[AcceptedKey], now: Timestamp) -> bool {
    keys.iter().any(|key| !key.is_expired(now))
}

/// Returns the number of keys, and the end of each that has one.
fn keys_in_words(keys: &[AcceptedKey], now: Timestamp) -> String {
    let end = |key: &AcceptedKey| {
        let verb = if key.is_expired(now) { "expired" } else { "expires" };
        key.expires.map(|end| format!("{verb} {end}"))
    };
    let access = (!has_access(keys, now)).then(|| "no access".to_owned());
    let count = keys.len().to_string();
    [count]
        .into_iter()
        .chain(access)
        .chain(keys.iter().filter_map(end))
        .collect::<Vec<_>>()
        .join("\n")
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
