//! A tenant of the platform: what it has, and what goes on in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::TenantLimits;
use super::admission::{Admission, Counts};
use super::link::Link;
use crate::fair_queue::FairQueue;
use crate::sandbox::ComputeQueue;

/// A tenant as it is registered.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// The connections that it may use; none is shared with another tenant.
    pub links: Vec<Link>,
    /// The actions that it may run; none stands for all.
    pub actions: Option<BTreeSet<String>>,
    /// What it may use.
    pub limits: TenantLimits,
}

impl Tenant {
    /// A tenant without a connection, which may run every action within the usual limits.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), links: Vec::new(), actions: None, limits: TenantLimits::default() }
    }

    /// The same with one more connection.
    pub fn with_link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// The same with other limits.
    pub fn with_limits(self, limits: TenantLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same, and it may run these actions alone.
    pub fn with_actions<S: Into<String>>(self, actions: impl IntoIterator<Item = S>) -> Self {
        Self { actions: Some(actions.into_iter().map(Into::into).collect()), ..self }
    }

    /// Whether it may run an action.
    pub fn may_run(&self, action: &str) -> bool {
        self.actions.as_ref().is_none_or(|actions| actions.contains(action))
    }

    /// One of its connections.
    pub fn link(&self, id: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.id() == id)
    }
}

/// A tenant that is registered.
#[derive(Debug)]
pub(super) struct Registered {
    pub tenant: Tenant,
    pub admission: Arc<Admission>,
    pub counts: Arc<Counts>,
    /// Its line for the permits of the process.
    turns: FairQueue,
    /// Its turns of computing.
    pub computing: ComputeQueue,
}

impl Registered {
    /// A tenant that is new, or takes the place of `before`: its runs still count, its open
    /// connections stay open where they are configured alike, and its lines are the same.
    ///
    /// Where the limit of its concurrent runs is another one, those that go on do not count
    /// against the new one.
    pub fn new(
        mut tenant: Tenant,
        before: Option<&Self>,
        new_lines: impl FnOnce() -> (FairQueue, ComputeQueue),
    ) -> Self {
        tenant.links = tenant
            .links
            .into_iter()
            .map(|link| {
                let old = before.and_then(|before| before.tenant.link(link.id()));
                link.kept_open(old)
            })
            .collect();
        let counts = before.map(|before| Arc::clone(&before.counts)).unwrap_or_default();
        let (turns, computing) = match before {
            Some(before) => (before.turns.clone(), before.computing.clone()),
            None => new_lines(),
        };
        let same = before.filter(|before| {
            before.tenant.limits.concurrent_runs == tenant.limits.concurrent_runs
                && before.tenant.limits.queue_length == tenant.limits.queue_length
        });
        let admission = match same {
            Some(before) => Arc::clone(&before.admission),
            None => Arc::new(Admission::new(&tenant.limits, turns.clone(), Arc::clone(&counts))),
        };
        Self { tenant, admission, counts, turns, computing }
    }
}
