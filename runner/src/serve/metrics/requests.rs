//! The metrics of HTTP: requests, refusals, repeated calls.

use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::{TenantLabels, metric};
use crate::telemetry::spans;

/// Why a request has no valid key, as the metric has it.
pub(in crate::serve) mod reason {
    pub(in crate::serve) const NO_KEY: &str = "no-key";
    pub(in crate::serve) const WRONG_KEY: &str = "wrong-key";
    pub(in crate::serve) const EXPIRED_KEY: &str = "expired-key";

    /// All of them.
    pub(super) const ALL: [&str; 3] = [NO_KEY, WRONG_KEY, EXPIRED_KEY];
}

/// The metrics of requests.
pub(in crate::serve) struct Requests {
    requests: Family<RequestLabels, Counter>,
    duration: Family<RouteLabels, Histogram>,
    refused: Family<RefusedLabels, Counter>,
    replays: Family<TenantLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    /// Empty for a request without a tenant.
    tenant: String,
    method: String,
    /// The template of the path; empty for a path that the server does not have.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    reason: &'static str,
}

impl Requests {
    /// Creates and registers the metrics of tenants, and those of the process.
    pub fn new(tenants: &mut Registry, process: &mut Registry) -> Self {
        let requests = metric(tenants, "http_requests", "Requests, by status of the response");
        let help = "Calls that received the stored response to their idempotency key";
        let replays = metric(tenants, "idempotent_replays", help);
        // From 1 ms to 131 s.
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 18));
        let duration = Family::new_with_constructor(buckets);
        let help = "Time from the head of a request to the head of its response";
        let seconds = Unit::Seconds;
        process.register_with_unit("http_request_duration", help, seconds, duration.clone());
        let help = "Requests without a valid key, by reason";
        let refused: Family<RefusedLabels, Counter> = metric(process, "refused_keys", help);
        for reason in reason::ALL {
            // A counter that appears with its first event has no increase to see.
            drop(refused.get_or_create(&RefusedLabels { reason }));
        }
        Self { requests, duration, refused, replays }
    }

    /// Counts a request with its response.
    pub fn count(
        &self,
        tenant: Option<&str>,
        method: &Method,
        route: Option<&str>,
        status: StatusCode,
        took: Duration,
    ) {
        let route = route.unwrap_or_default().to_owned();
        let labels = RouteLabels { route: route.clone() };
        self.duration.get_or_create(&labels).observe(took.as_secs_f64());
        let (tenant, method) =
            (tenant.unwrap_or_default().to_owned(), spans::known(method).to_owned());
        let labels = RequestLabels { tenant, method, route, status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a request without a valid key.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&RefusedLabels { reason }).inc();
    }

    /// Counts a call that received a stored response.
    pub fn replayed(&self, tenant: &str) {
        self.replays.get_or_create(&TenantLabels { tenant: tenant.to_owned() }).inc();
    }
}
