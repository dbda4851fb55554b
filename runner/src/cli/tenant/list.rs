//! `o365 tenant list`: each tenant, and what it may use.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::{Global, output, source};
use crate::connections::config::TenantConfig;
use crate::platform::TenantLimits;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: &'a str,
    connections: &'a [String],
    /// None when it may run all of them.
    actions: Option<&'a BTreeSet<String>>,
    /// How many there are.
    keys: usize,
    limits: Limits,
}

/// The limits in the units of the configuration.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    concurrent_runs: usize,
    queue_length: usize,
    time_limit_seconds: u64,
    cpu_limit_seconds: u64,
    memory_limit_mib: usize,
    requests_per_run: u32,
    bytes_in_mib: u64,
    bytes_out_mib: u64,
    result_limit_mib: usize,
}

impl From<&TenantLimits> for Limits {
    fn from(limits: &TenantLimits) -> Self {
        Self {
            concurrent_runs: limits.concurrent_runs,
            queue_length: limits.queue_length,
            time_limit_seconds: limits.time.as_secs(),
            cpu_limit_seconds: limits.cpu.as_secs(),
            memory_limit_mib: limits.memory >> 20,
            requests_per_run: limits.requests,
            bytes_in_mib: limits.bytes_in >> 20,
            bytes_out_mib: limits.bytes_out >> 20,
            result_limit_mib: limits.result >> 20,
        }
    }
}

/// Lists the tenants, on a terminal as a table.
pub fn run(global: &Global) -> Result<(), Failure> {
    let connections = source::connections(global)?;
    let rows: Vec<Row<'_>> = connections.tenants().map(row).collect();
    if !output::for_people(global.json) {
        return output::result(&rows);
    }
    output::table(
        &["id", "connections", "actions", "keys", "limits"],
        rows.into_iter().map(|row| {
            vec![
                row.id.to_owned(),
                row.connections.join("\n"),
                row.actions.map_or_else(|| "all".to_owned(), lines),
                row.keys.to_string(),
                in_words(&row.limits),
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
        limits: Limits::from(&tenant.limits),
    }
}

fn lines(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn in_words(limits: &Limits) -> String {
    let Limits {
        concurrent_runs,
        queue_length,
        time_limit_seconds,
        cpu_limit_seconds,
        memory_limit_mib,
        requests_per_run,
        bytes_in_mib,
        bytes_out_mib,
        result_limit_mib,
    } = limits;
    format!(
        "{concurrent_runs} at a time, {queue_length} waiting\n\
         {time_limit_seconds} s, {cpu_limit_seconds} s of computing\n\
         {memory_limit_mib} MiB of memory\n\
         {requests_per_run} requests\n\
         {bytes_in_mib} MiB in, {bytes_out_mib} MiB out\n\
         {result_limit_mib} MiB of result"
    )
}
