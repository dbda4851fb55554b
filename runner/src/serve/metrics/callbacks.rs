//! The metric of callbacks.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::metric;

/// What became of an attempt to deliver a callback, as the metric has it.
pub(in crate::serve) mod callback {
    pub(in crate::serve) const DELIVERED: &str = "delivered";
    pub(in crate::serve) const FAILED: &str = "failed";
    pub(in crate::serve) const GIVEN_UP: &str = "given-up";

    /// All of them.
    pub(super) const ALL: [&str; 3] = [DELIVERED, FAILED, GIVEN_UP];
}

/// The attempts to deliver callbacks.
pub(in crate::serve) struct Callbacks(Family<CallbackLabels, Counter>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallbackLabels {
    tenant: String,
    outcome: &'static str,
}

impl Callbacks {
    /// Creates and registers the metric.
    pub fn new(tenants: &mut Registry) -> Self {
        let help =
            "Attempts to deliver callbacks, by outcome; one that was given up has failed, too";
        Self(metric(tenants, "callbacks", help))
    }

    /// Begins to count those of a tenant: a counter that appears with its first event has no
    /// increase to see.
    pub fn begin(&self, tenant: &str) {
        for outcome in callback::ALL {
            drop(self.0.get_or_create(&CallbackLabels { tenant: tenant.to_owned(), outcome }));
        }
    }

    /// Counts an attempt.
    pub fn count(&self, tenant: &str, outcome: &'static str) {
        self.0.get_or_create(&CallbackLabels { tenant: tenant.to_owned(), outcome }).inc();
    }
}
