//! Metrics for Prometheus: a tenant sees its own, an operator those of all tenants.
//!
//! - `requests`: the metrics of HTTP
//! - `callbacks`: the metric of callbacks
//! - `prometheus`: the text format of Prometheus

mod callbacks;
mod prometheus;
mod requests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

use super::idempotency::ResponseStore;
use super::negotiation::preferred;
use crate::audit::AuditLog;
use crate::platform::{CallResult, Load, Platform};
use crate::telemetry::log_queue;
use callbacks::Callbacks;
pub(super) use callbacks::callback;
use requests::Requests;
pub(super) use requests::reason;

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// That of Prometheus, which every scraper and a person can read.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// Returns the format that a request prefers. Prometheus names both, with weights.
    pub fn preferred(headers: &HeaderMap) -> Self {
        let offers = ["text/plain", "application/openmetrics-text"];
        match preferred(headers, &offers) {
            Some(1) => Self::OpenMetrics,
            _ => Self::Prometheus,
        }
    }

    /// Returns the media type.
    pub const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        })
    }
}

/// What else the gauges of the process show.
pub(super) struct Health<'a> {
    pub audit: &'a AuditLog,
    pub responses: &'a ResponseStore,
    /// The number of open connections.
    pub connections: usize,
}

/// The outcome of a successful run.
const DONE: &str = "done";

/// The metrics of one server.
pub(super) struct Metrics {
    /// Metrics of tenants.
    registry: Registry,
    /// Metrics of the process, from which a tenant could infer the load of others.
    process: Registry,
    runs: Family<RunLabels, Counter>,
    duration: Family<ActionLabels, Histogram>,
    cpu: Family<TenantLabels, Counter<f64, AtomicU64>>,
    waits: Family<TenantLabels, Counter<f64, AtomicU64>>,
    bytes_in: Family<TenantLabels, Counter>,
    bytes_out: Family<TenantLabels, Counter>,
    requests: Family<TenantLabels, Counter>,
    retries: Family<TenantLabels, Counter>,
    running: Family<TenantLabels, Gauge>,
    waiting: Family<TenantLabels, Gauge>,
    free: Gauge,
    memory: Gauge,
    dropped: Counter,
    connections: Gauge,
    audit_healthy: Gauge,
    store_healthy: Gauge,
    dropped_responses: Counter,
    /// The metrics of HTTP.
    pub http: Requests,
    /// The attempts to deliver callbacks.
    pub callbacks: Callbacks,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TenantLabels {
    tenant: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    tenant: String,
    action: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RunLabels {
    tenant: String,
    action: String,
    outcome: String,
}

/// Creates and registers a metric.
fn metric<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

/// Creates and registers a metric with a unit.
fn metric_in<M: Metric + Clone + Default>(
    registry: &mut Registry,
    unit: Unit,
    name: &str,
    help: &str,
) -> M {
    let metric = M::default();
    registry.register_with_unit(name, help, unit, metric.clone());
    metric
}

impl Metrics {
    /// Creates the metrics of a server that started with this component.
    pub fn new(component: &str) -> Self {
        let mut registry = Registry::with_prefix("o365");
        let mut process = Registry::with_prefix("o365");
        let (all, seconds) = (&mut registry, || Unit::Seconds);
        let runs = metric(all, "runs", "Calls of actions, by outcome");
        // From 5 ms to 164 s: a run takes some round trips to Graph, and two minutes at most.
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.005, 2.0, 16));
        let duration = Family::new_with_constructor(buckets);
        let help = "Time from a call to its response";
        all.register_with_unit("run_duration", help, seconds(), duration.clone());
        let cpu = metric_in(all, seconds(), "cpu", "Processor time of the component");
        let help = "Time that runs waited for a permit or for a throttled Graph";
        let waits = metric_in(all, seconds(), "waits", help);
        let help = "Response bodies from Graph";
        let bytes_in = metric_in(all, Unit::Bytes, "graph_received", help);
        let bytes_out = metric_in(all, Unit::Bytes, "graph_sent", "Request bodies to Graph");
        let requests = metric(all, "graph_requests", "Requests to Graph");
        let retries = metric(all, "graph_retries", "Requests that repeated another");
        let running = metric(all, "running", "Running runs");
        let waiting = metric(all, "waiting", "Runs that wait for a permit");
        let free = metric(&mut process, "free_places", "Runs that could start immediately");
        let help = "Log lines that were dropped, as nothing took them";
        let dropped = metric(&mut process, "log_lines_dropped", help);
        let connections = metric(&mut process, "open_connections", "Open connections of clients");
        let help = "Whether the audit log can be written: 1 or 0";
        let audit_healthy = metric(&mut process, "audit_log_healthy", help);
        let help = "Whether responses to idempotency keys can be stored: 1 or 0";
        let store_healthy = metric(&mut process, "response_store_healthy", help);
        let help = "Responses to idempotency keys that were dropped for newer ones";
        let dropped_responses = metric(&mut process, "responses_dropped", help);
        let http = Requests::new(&mut registry, &mut process);
        let callbacks = Callbacks::new(&mut registry);
        let help = "Memory of the process";
        let memory = metric_in(&mut process, Unit::Bytes, "resident_memory", help);
        let build = [("version", env!("CARGO_PKG_VERSION")), ("component", component)];
        let build = build.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let help = "The version of the runner, and its component at the start";
        registry.register("build", help, Info::new(build));
        Self {
            registry,
            process,
            runs,
            duration,
            cpu,
            waits,
            bytes_in,
            bytes_out,
            requests,
            retries,
            running,
            waiting,
            free,
            memory,
            dropped,
            connections,
            audit_healthy,
            store_healthy,
            dropped_responses,
            http,
            callbacks,
        }
    }

    /// Counts a call. `action` must be an action of the component, which limits the number of
    /// label values.
    pub fn count(&self, tenant: &str, action: &str, result: &CallResult) {
        let (tenant, action) = (tenant.to_owned(), action.to_owned());
        let outcome = match &result.outcome {
            Ok(_) => DONE.to_owned(),
            Err(failure) => failure.report().kind_name().to_owned(),
        };
        let receipt = &result.receipt;
        let millis = |millis| Duration::from_millis(millis).as_secs_f64();
        let labels = ActionLabels { tenant: tenant.clone(), action: action.clone() };
        self.duration.get_or_create(&labels).observe(millis(receipt.wall_ms));
        let labels = RunLabels { tenant: tenant.clone(), action, outcome };
        self.runs.get_or_create(&labels).inc();
        let labels = &TenantLabels { tenant };
        let cpu = Duration::from_micros(receipt.cpu_us).as_secs_f64();
        self.cpu.get_or_create(labels).inc_by(cpu);
        self.waits.get_or_create(labels).inc_by(millis(receipt.wait_ms));
        self.requests.get_or_create(labels).inc_by(receipt.graph_requests.into());
        self.retries.get_or_create(labels).inc_by(receipt.retries.into());
        self.bytes_in.get_or_create(labels).inc_by(receipt.bytes_in);
        self.bytes_out.get_or_create(labels).inc_by(receipt.bytes_out);
    }

    /// Returns all metrics in text form, or those of one tenant.
    pub fn text(
        &self,
        platform: &Platform,
        health: &Health<'_>,
        tenant: Option<&str>,
        format: Format,
    ) -> String {
        self.update(platform, health);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode_registry(&mut text, &self.registry);
        match tenant {
            Some(tenant) => text = of_tenant(&text, tenant),
            None => {
                let _ = encode_registry(&mut text, &self.process);
            }
        }
        let _ = encode_eof(&mut text);
        match format {
            Format::OpenMetrics => text,
            Format::Prometheus => prometheus::of_openmetrics(&text),
        }
    }

    /// Updates the gauges.
    fn update(&self, platform: &Platform, health: &Health<'_>) {
        let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.running.clear();
        self.waiting.clear();
        for tenant in platform.tenants() {
            let Load { running, waiting } = platform.load(&tenant);
            let labels = TenantLabels { tenant };
            self.running.get_or_create(&labels).set(signed(running));
            self.waiting.get_or_create(&labels).set(signed(waiting));
        }
        self.free.set(signed(platform.free_permits()));
        self.memory.set(resident_memory());
        self.dropped.inner().store(log_queue::dropped_lines(), Ordering::Relaxed);
        self.connections.set(signed(health.connections));
        self.audit_healthy.set(health.audit.healthy().into());
        self.store_healthy.set(health.responses.healthy().into());
        self.dropped_responses.inner().store(health.responses.dropped(), Ordering::Relaxed);
    }
}

/// Selects the lines of this tenant, and those without a tenant. An id contains no characters that
/// the format escapes.
fn of_tenant(text: &str, tenant: &str) -> String {
    let own = format!("tenant=\"{tenant}\"");
    let is_own =
        |line: &&str| line.starts_with('#') || line.contains(&own) || !line.contains("tenant=\"");
    text.lines().filter(is_own).flat_map(|line| [line, "\n"]).collect()
}

/// Returns the memory of this process, in bytes; 0 if the system does not provide it.
fn resident_memory() -> i64 {
    // "VmRSS:     1234 kB": unlike `statm`, independent of the page size (proc(5)).
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<i64>().ok());
    kib.unwrap_or_default().saturating_mul(1024)
}
