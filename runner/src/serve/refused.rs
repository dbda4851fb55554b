//! The counts of requests that the server refuses at once: those without a valid key, calls beyond
//! what their tenant may have, and connections beyond what their address may have. They are logged once a second, so that they cannot fill the log.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The interval between two log lines.
const PERIOD: Duration = Duration::from_secs(1);

/// The counts of one server. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// Whether a log line is scheduled.
    scheduled: AtomicBool,
    wrong_key: AtomicU64,
    expired_key: AtomicU64,
    no_key: AtomicU64,
    /// The calls of each tenant beyond its limits.
    too_many: Mutex<BTreeMap<String, u64>>,
    /// The connections that were closed, since their address has too many in use.
    connections: AtomicU64,
}

impl Refused {
    /// Counts a request with a wrong key.
    pub fn with_wrong_key(&self) {
        self.count(&self.0.wrong_key);
    }

    /// Counts a request with a key that has expired.
    pub fn with_expired_key(&self) {
        self.count(&self.0.expired_key);
    }

    /// Counts a request without a key.
    pub fn without_key(&self) {
        self.count(&self.0.no_key);
    }

    /// Counts a call of a tenant whose queue is full, or that calls too often.
    pub fn too_many(&self, tenant: &str) {
        let mut too_many = self.0.too_many.lock().unwrap_or_else(PoisonError::into_inner);
        *too_many.entry(tenant.to_owned()).or_default() += 1;
        drop(too_many);
        self.schedule();
    }

    /// Counts a connection of an address that has too many in use.
    pub fn connection(&self, client: IpAddr) {
        tracing::debug!(%client, "an address has too many connections");
        self.count(&self.0.connections);
    }

    fn count(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
        self.schedule();
    }

    /// Schedules a log line, unless one is.
    fn schedule(&self) {
        if !self.0.scheduled.swap(true, Ordering::SeqCst) {
            let line = Line(self.clone());
            tokio::spawn(async move {
                tokio::time::sleep(PERIOD).await;
                drop(line);
            });
        }
    }
}

/// A log line, written when this is dropped: also by the runtime at the end of the process.
struct Line(Refused);

impl Drop for Line {
    fn drop(&mut self) {
        let Counts { scheduled, wrong_key, expired_key, no_key, too_many, connections } =
            &*self.0.0;
        // Before the counts are read, so that a concurrent request schedules another line.
        scheduled.store(false, Ordering::SeqCst);
        let [wrong_key, expired_key, no_key] =
            [wrong_key, expired_key, no_key].map(|counter| counter.swap(0, Ordering::SeqCst));
        if wrong_key > 0 || expired_key > 0 || no_key > 0 {
            tracing::warn!(
                wrong_key,
                expired_key,
                no_key,
                "unauthenticated requests were rejected"
            );
        }
        let connections = connections.swap(0, Ordering::SeqCst);
        if connections > 0 {
            tracing::warn!(
                connections,
                "connections were closed, as their addresses have too many"
            );
        }
        for (tenant, calls) in
            std::mem::take(&mut *too_many.lock().unwrap_or_else(PoisonError::into_inner))
        {
            tracing::warn!(tenant, calls, "calls were refused, as the tenant has too many");
        }
    }
}
