//! What the server has done, for Prometheus: a tenant sees its own, an operator all.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::platform::{CallResult, Load, Platform};

/// The media type of what [`Metrics::text`] writes.
pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The name of a run that did what it was asked.
const DONE: &str = "done";

/// The metrics of one server.
pub(super) struct Metrics {
    /// Of tenants.
    registry: Registry,
    /// Of the process, in which a tenant could see how much the others do.
    process: Registry,
    runs: Family<RunLabels, Counter>,
    duration: Family<ActionLabels, Histogram>,
    tenants: TenantMetrics,
    load: LoadMetrics,
}

/// Sums over the receipts of each tenant.
#[derive(Default)]
struct TenantMetrics {
    cpu: Family<TenantLabels, Counter<f64, AtomicU64>>,
    waits: Family<TenantLabels, Counter<f64, AtomicU64>>,
    requests: Family<TenantLabels, Counter>,
    retries: Family<TenantLabels, Counter>,
    bytes_in: Family<TenantLabels, Counter>,
    bytes_out: Family<TenantLabels, Counter>,
}

/// How much goes on at the moment of asking.
#[derive(Default)]
struct LoadMetrics {
    running: Family<TenantLabels, Gauge>,
    waiting: Family<TenantLabels, Gauge>,
    free: Gauge,
    memory: Gauge,
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

/// From 5 ms to 164 s: a run takes some round trips to Graph, and two minutes at most.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 16))
}

impl Metrics {
    /// None yet, of a server that runs this component.
    pub fn new(component: &str) -> Self {
        let mut registry = Registry::with_prefix("o365");
        let runs = Family::default();
        let new: fn() -> Histogram = buckets;
        let duration = Family::new_with_constructor(new);
        registry.register("runs", "Calls of actions, by how they ended", runs.clone());
        registry.register_with_unit(
            "run_duration",
            "From a call to its answer",
            Unit::Seconds,
            duration.clone(),
        );
        let tenants = TenantMetrics::default();
        tenants.register(&mut registry);
        let load = LoadMetrics::default();
        let mut process = Registry::with_prefix("o365");
        load.register(&mut registry, &mut process);
        let build = [("version", env!("CARGO_PKG_VERSION")), ("component", component)];
        let build = build.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        registry.register("build", "The runner, and the component it began with", Info::new(build));
        Self { registry, process, runs, duration, tenants, load }
    }

    /// Counts a call. `action` is an action of the component, so that there is an end to
    /// their number.
    pub fn count(&self, tenant: &str, action: &str, answer: &CallResult) {
        let tenant = tenant.to_owned();
        let outcome = match &answer.outcome {
            Ok(_) => DONE.to_owned(),
            Err(failure) => failure.report().kind_name().to_owned(),
        };
        let of_action = ActionLabels { tenant: tenant.clone(), action: action.to_owned() };
        let wall = std::time::Duration::from_millis(answer.receipt.wall_ms);
        self.duration.get_or_create(&of_action).observe(wall.as_secs_f64());
        let ActionLabels { tenant, action } = of_action;
        self.runs.get_or_create(&RunLabels { tenant: tenant.clone(), action, outcome }).inc();
        self.tenants.count(&TenantLabels { tenant }, answer);
    }

    /// All metrics of `platform`, or those of one tenant.
    pub fn text(&self, platform: &Platform, tenant: Option<&str>) -> String {
        self.load.look(platform);
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
        text
    }
}

/// The lines that are about this tenant or about none. An id has nothing in it that would be
/// escaped, so its label stands in a line as it is.
fn of_tenant(text: &str, tenant: &str) -> String {
    let own = format!("tenant=\"{tenant}\"");
    let is_own =
        |line: &&str| line.starts_with('#') || line.contains(&own) || !line.contains("tenant=\"");
    text.lines().filter(is_own).flat_map(|line| [line, "\n"]).collect()
}

impl TenantMetrics {
    fn register(&self, registry: &mut Registry) {
        let mut seconds = |name: &str, help: &str, family: &Family<_, Counter<f64, AtomicU64>>| {
            registry.register_with_unit(name, help, Unit::Seconds, family.clone());
        };
        seconds("cpu", "Time that the component computed", &self.cpu);
        seconds("waits", "Time that runs waited for a turn or for a throttled Graph", &self.waits);
        let mut bytes = |name: &str, help: &str, family: &Family<_, Counter>| {
            registry.register_with_unit(name, help, Unit::Bytes, family.clone());
        };
        bytes("graph_received", "Bodies that came from Graph", &self.bytes_in);
        bytes("graph_sent", "Bodies that went to Graph", &self.bytes_out);
        registry.register("graph_requests", "Requests to Graph", self.requests.clone());
        registry.register("graph_retries", "Requests that repeated another", self.retries.clone());
    }

    fn count(&self, tenant: &TenantLabels, answer: &CallResult) {
        let receipt = &answer.receipt;
        let micros = std::time::Duration::from_micros(receipt.cpu_us);
        self.cpu.get_or_create(tenant).inc_by(micros.as_secs_f64());
        let waited = std::time::Duration::from_millis(receipt.wait_ms);
        self.waits.get_or_create(tenant).inc_by(waited.as_secs_f64());
        self.requests.get_or_create(tenant).inc_by(receipt.graph_requests.into());
        self.retries.get_or_create(tenant).inc_by(receipt.retries.into());
        self.bytes_in.get_or_create(tenant).inc_by(receipt.bytes_in);
        self.bytes_out.get_or_create(tenant).inc_by(receipt.bytes_out);
    }
}

impl LoadMetrics {
    fn register(&self, registry: &mut Registry, process: &mut Registry) {
        registry.register("running", "Runs that go on", self.running.clone());
        registry.register("waiting", "Runs that wait for their turn", self.waiting.clone());
        process.register("free_permits", "Runs that could begin at once", self.free.clone());
        process.register_with_unit(
            "resident_memory",
            "Memory of the process",
            Unit::Bytes,
            self.memory.clone(),
        );
    }

    fn look(&self, platform: &Platform) {
        self.running.clear();
        self.waiting.clear();
        for tenant in platform.tenants() {
            let Load { running, waiting } = platform.load(&tenant);
            let tenant = TenantLabels { tenant };
            self.running.get_or_create(&tenant).set(signed(running));
            self.waiting.get_or_create(&tenant).set(signed(waiting));
        }
        self.free.set(signed(platform.free_permits()));
        self.memory.set(resident_memory());
    }
}

/// The memory of this process, in bytes; 0 where the system does not say.
fn resident_memory() -> i64 {
    // "VmRSS:     1234 kB", which does not depend on the size of a page (proc(5)).
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<i64>().ok());
    kib.unwrap_or_default().saturating_mul(1024)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
