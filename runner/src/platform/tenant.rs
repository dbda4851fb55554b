//! The tenants of a platform.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::TenantLimits;
use super::admission::{Admission, Counts};
use super::link::Link;
use super::permits::Sharing;
use crate::connections::allowed::AllowedSecrets;
use crate::fair_queue::FairQueue;
use crate::recording::recorded::CONNECTION_ID;
use crate::sandbox::ComputeQueue;

/// A tenant of a platform.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The id.
    pub id: String,
    /// The connections. Tenants do not share them.
    pub links: Vec<Link>,
    /// The allowed actions; `None` for all.
    pub actions: Option<BTreeSet<String>>,
    /// The secrets that its callers may name in inputs.
    pub secrets: AllowedSecrets,
    /// The limits.
    pub limits: TenantLimits,
}

impl Tenant {
    /// Creates a tenant without connections, with all actions and the default limits.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            links: Vec::new(),
            actions: None,
            secrets: AllowedSecrets::default(),
            limits: TenantLimits::default(),
        }
    }

    /// Adds a connection.
    pub fn with_link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// Sets the limits.
    pub fn with_limits(self, limits: TenantLimits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the secrets that callers may name in inputs.
    pub fn with_secrets(self, secrets: AllowedSecrets) -> Self {
        Self { secrets, ..self }
    }

    /// Restricts the tenant to these actions.
    pub fn with_actions<S: Into<String>>(self, actions: impl IntoIterator<Item = S>) -> Self {
        Self { actions: Some(actions.into_iter().map(Into::into).collect()), ..self }
    }

    /// Returns whether the tenant may run an action.
    pub fn may_run(&self, action: &str) -> bool {
        self.actions.as_ref().is_none_or(|actions| actions.contains(action))
    }

    /// Returns the connection with this id.
    pub fn link(&self, id: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.id() == id)
    }

    /// Names the only connection in the input of a call that names none.
    pub fn name_only_connection(&self, input: &mut Map<String, Value>) {
        if let [only] = self.links.as_slice()
            && !input.contains_key(CONNECTION_ID)
        {
            input.insert(CONNECTION_ID.to_owned(), only.id().into());
        }
    }
}

/// A registered tenant.
#[derive(Debug)]
pub(super) struct Registered {
    pub tenant: Tenant,
    pub admission: Arc<Admission>,
    pub counts: Arc<Counts>,
    /// The queue for the permits of the process.
    queue: FairQueue,
    /// The queue for compute permits.
    pub computing: ComputeQueue,
}

impl Registered {
    /// Registers a tenant, in place of `before` if there is one. The counts, the queues, and the
    /// connections with an unchanged configuration carry over. Current runs do not count against
    /// a changed limit of concurrent runs.
    pub fn new(
        mut tenant: Tenant,
        before: Option<&Self>,
        new_queues: impl FnOnce() -> (FairQueue, ComputeQueue),
        sharing: Option<&Sharing>,
    ) -> Self {
        let reusing = |link: Link| {
            let old = before.and_then(|before| before.tenant.link(link.id()));
            link.reusing(old)
        };
        tenant.links = tenant.links.into_iter().map(reusing).collect();
        let counts = before.map(|before| Arc::clone(&before.counts)).unwrap_or_default();
        let (queue, computing) = match before {
            Some(before) => (before.queue.clone(), before.computing.clone()),
            None => new_queues(),
        };
        let same = before.filter(|before| {
            before.tenant.limits.concurrent_runs == tenant.limits.concurrent_runs
                && before.tenant.limits.queue_length == tenant.limits.queue_length
                && before.tenant.limits.calls_per_minute == tenant.limits.calls_per_minute
        });
        let admission = match same {
            Some(before) => Arc::clone(&before.admission),
            None => {
                let shared = |limit| sharing.map(|sharing| sharing.borrowed(&tenant.id, limit));
                let (queue, counts) = (queue.clone(), Arc::clone(&counts));
                Arc::new(Admission::new(&tenant.limits, queue, counts, shared))
            }
        };
        Self { tenant, admission, counts, queue, computing }
    }
}
