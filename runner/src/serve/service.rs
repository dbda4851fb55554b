//! The state that all requests share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use tokio_util::task::TaskTracker;

use super::idempotency::ResponseStore;
use super::metrics::Metrics;
use super::refused::Refused;
use super::runs::Runs;
use crate::api_key::{AcceptedKey, KeyHash};
use crate::audit::AuditLog;
use crate::base_url::BaseUrl;
use crate::connections::config::CallbackConfig;
use crate::contract::documents::DocumentsError;
use crate::contract::policy::PolicyError;
use crate::contract::{Documents, Policy};
use crate::network::ClientError;
use crate::platform::Platform;

/// The time to store the responses of finished calls when the server stops.
const STORING_TIME: Duration = Duration::from_secs(5);

/// The service behind the HTTP server. Clones refer to the same service.
#[derive(Clone)]
pub struct Service(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub platform: Platform,
    pub policy: Policy,
    pub documents: ArcSwap<Documents>,
    pub keys: ArcSwap<Keys>,
    pub public_url: ArcSwapOption<BaseUrl>,
    pub responses: ResponseStore,
    pub runs: Runs,
    pub audit: AuditLog,
    pub metrics: Metrics,
    pub refused: Refused,
    /// Calls in progress, including those whose clients have disconnected.
    pub calls: TaskTracker,
    /// Open connections.
    pub connections: TaskTracker,
}

/// The API keys, as their hashes.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The keys of each tenant.
    pub tenants: BTreeMap<String, Vec<AcceptedKey>>,
    /// The keys of operators, which give access to the metrics of all tenants only.
    pub operators: Vec<AcceptedKey>,
}

/// Why a key gives no access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongKey {
    /// Nobody has the key.
    Unknown,
    /// The key has expired.
    Expired,
}

/// The authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A tenant, by its id.
    Tenant(String),
    /// The operator of the server.
    Operator,
}

impl Caller {
    /// Returns the id of the tenant; `None` for an operator.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Tenant(id) => Some(id),
            Self::Operator => None,
        }
    }
}

impl Service {
    /// Creates a service for `platform`, which runs `component` and writes `audit`.
    ///
    /// # Errors
    /// Fails when the documentation of the component or the policy cannot be read.
    pub fn new(
        platform: Platform,
        component: &[u8],
        audit: AuditLog,
        responses: ResponseStore,
        runs: Runs,
        keys: Keys,
    ) -> Result<Self, ServiceError> {
        Ok(Self(Arc::new(Inner {
            policy: Policy::embedded()?,
            documents: ArcSwap::from_pointee(Documents::read(component)?),
            keys: ArcSwap::from_pointee(keys),
            public_url: ArcSwapOption::empty(),
            responses,
            runs,
            audit,
            metrics: Metrics::new(platform.host().component()),
            refused: Refused::default(),
            platform,
            calls: TaskTracker::new(),
            connections: TaskTracker::new(),
        })))
    }

    /// Returns the tracker of the connections that a listener serves, for the metrics.
    pub fn connections(&self) -> TaskTracker {
        self.0.connections.clone()
    }

    /// Replaces the API keys.
    pub fn admit(&self, keys: Keys) {
        self.0.keys.store(Arc::new(keys));
    }

    /// Sets the URL by which callers reach the server; `None` where it is that of their requests.
    pub fn announce(&self, public_url: Option<BaseUrl>) {
        self.0.public_url.store(public_url.map(Arc::new));
    }

    /// Sets where tenants are told of their runs that nobody waits for.
    ///
    /// # Errors
    /// Fails when there is no HTTP client for them. The former ones then stay.
    pub fn call_back(
        &self,
        callbacks: BTreeMap<String, CallbackConfig>,
    ) -> Result<(), ClientError> {
        callbacks.keys().for_each(|tenant| self.0.metrics.callbacks.begin(tenant));
        self.0.runs.call_back_to(callbacks)
    }

    /// Replaces the component for new runs.
    ///
    /// # Errors
    /// Fails when the component cannot be loaded, or lacks documentation. The current one then
    /// stays.
    pub async fn reload(&self, component: Vec<u8>) -> Result<(), ServiceError> {
        let documents = Documents::read(&component)?;
        self.0.platform.reload(component).await?;
        self.0.documents.store(Arc::new(documents));
        Ok(())
    }

    /// Accepts no more runs, and lets the current ones finish within `grace`. Returns the number
    /// of aborted runs, after their callers have responses.
    pub async fn stop(&self, grace: Duration) -> usize {
        let cut = self.0.platform.stop(grace).await;
        self.0.calls.close();
        // Limited, because clients may keep sending calls.
        let _ = tokio::time::timeout(STORING_TIME, self.0.calls.wait()).await;
        cut
    }
}

/// Why a component cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The component cannot be loaded.
    #[error(transparent)]
    Host(#[from] crate::run::HostError),
    /// The documentation of the component cannot be read.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Keys {
    /// Finds the holder of a key at a time. Compares all keys in constant time, so that the
    /// duration reveals nothing.
    pub(super) fn holder(&self, key: &str, now: Timestamp) -> Result<Caller, WrongKey> {
        let operators = self.operators.iter().map(|key| (key, Caller::Operator));
        let tenants = self
            .tenants
            .iter()
            .flat_map(|(id, keys)| keys.iter().map(move |key| (key, Caller::Tenant(id.clone()))));
        let given = KeyHash::of(key);
        let mut holder = Err(WrongKey::Unknown);
        for (key, caller) in operators.chain(tenants) {
            if key.hash == given {
                holder = if key.is_expired(now) { Err(WrongKey::Expired) } else { Ok(caller) };
            }
        }
        holder
    }
}
