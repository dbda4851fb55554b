//! What all requests have in common: the platform, who may call, and what was answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::task::TaskTracker;

use super::idempotency::ResponseStore;
use super::metrics::Metrics;
use super::unauthenticated::Unauthenticated;
use crate::api_key::KeyHash;
use crate::audit::AuditLog;
use crate::contract::documents::DocumentsError;
use crate::contract::policy::PolicyError;
use crate::contract::{Documents, Policy};
use crate::platform::Platform;

/// How long calls that have ended may take to be kept.
const KEPT: Duration = Duration::from_secs(5);

/// The service behind the HTTP face. Clones are of the same one.
#[derive(Clone)]
pub struct Service(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub platform: Platform,
    pub policy: Policy,
    pub documents: ArcSwap<Documents>,
    pub keys: ArcSwap<Keys>,
    pub answers: ResponseStore,
    pub audit: AuditLog,
    pub metrics: Metrics,
    pub unauthenticated: Unauthenticated,
    /// Calls that go on, whether or not their callers still wait.
    pub calls: TaskTracker,
}

/// Who may call, by the hashes of their keys.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The keys of each tenant.
    pub tenants: BTreeMap<String, Vec<KeyHash>>,
    /// Keys that see the metrics of all tenants and nothing else.
    pub operators: Vec<KeyHash>,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A tenant, by its id.
    Tenant(String),
    /// Whoever runs the server.
    Operator,
}

impl Service {
    /// A service of `platform`, whose component is `component`; `audit` is the log that the
    /// platform writes.
    ///
    /// # Errors
    /// When the component's documentation or the policy cannot be read.
    pub fn new(
        platform: Platform,
        component: &[u8],
        audit: AuditLog,
        answers: ResponseStore,
        keys: Keys,
    ) -> Result<Self, ServiceError> {
        let metrics = Metrics::new(platform.host().component());
        Ok(Self(Arc::new(Inner {
            policy: Policy::embedded()?,
            documents: ArcSwap::from_pointee(Documents::read(component)?),
            keys: ArcSwap::from_pointee(keys),
            answers,
            audit,
            metrics,
            unauthenticated: Unauthenticated::default(),
            platform,
            calls: TaskTracker::new(),
        })))
    }

    /// Lets these callers in, and no others from now on.
    pub fn admit(&self, keys: Keys) {
        self.0.keys.store(Arc::new(keys));
    }

    /// Takes another component for the runs that begin from now on.
    ///
    /// # Errors
    /// When it cannot be run or explained here. Then nothing changes.
    pub async fn reload(&self, component: Vec<u8>) -> Result<(), ServiceError> {
        let documents = Documents::read(&component)?;
        self.0.platform.reload(component).await?;
        self.0.documents.store(Arc::new(documents));
        Ok(())
    }

    /// Takes no more runs, and lets those that are there end within `grace`; how many were
    /// cut short. Their callers are answered before this returns.
    pub async fn stop(&self, grace: Duration) -> usize {
        let cut = self.0.platform.stop(grace).await;
        self.0.calls.close();
        // Who goes on calling does not hold up the end.
        let _ = tokio::time::timeout(KEPT, self.0.calls.wait()).await;
        cut
    }
}

/// Why a component cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It cannot be run.
    #[error(transparent)]
    Host(#[from] crate::run::HostError),
    /// It cannot be explained.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Keys {
    /// Who has this key. Every key is compared, each in constant time, so that how long it
    /// takes says nothing.
    pub(super) fn holder(&self, key: &str) -> Option<Caller> {
        let operators = self.operators.iter().map(|hash| (hash, Caller::Operator));
        let tenants = self.tenants.iter().flat_map(|(id, hashes)| {
            hashes.iter().map(move |hash| (hash, Caller::Tenant(id.clone())))
        });
        let given = KeyHash::of(key);
        let mut holder = None;
        for (hash, caller) in operators.chain(tenants) {
            if *hash == given {
                holder = Some(caller);
            }
        }
        holder
    }
}
