//! A connection that a tenant may use.

use std::sync::Arc;

use crate::connections::config::Configured;
use crate::contract::Connection;
use crate::egress::EgressStack;
use crate::egress::faults::Script;
use crate::run::{Backend, Simulated, simulated_connection};
use crate::simulator::Simulator;

/// A connection of a tenant. Clones share what is open of it.
#[derive(Clone, Debug)]
pub struct Link {
    id: String,
    public: Connection,
    backend: Backend,
    faults: Option<Script>,
}

impl Link {
    /// A connection to Graph itself, under its id.
    pub fn live(configured: Configured) -> Self {
        Self::to(configured.id.clone(), configured.public(), Backend::live(configured))
    }

    /// A connection to a simulated tenant. Its runs wait in virtual time.
    pub fn simulated(id: impl Into<String>, simulator: Simulator) -> Self {
        let public = simulated_connection(&simulator);
        Self::to(id, public, Backend::Simulated(Simulated::new(simulator)))
    }

    /// A connection with this backend.
    pub fn to(id: impl Into<String>, public: Connection, backend: Backend) -> Self {
        Self { id: id.into(), public, backend, faults: None }
    }

    /// The same, on which every run meets the faults of a script.
    #[must_use]
    pub fn with_faults(self, script: Script) -> Self {
        Self { faults: Some(script), ..self }
    }

    /// A connection whose requests end in `egress`, which adds whatever sign-in they need.
    pub fn given(id: impl Into<String>, public: Connection, egress: EgressStack) -> Self {
        Self::to(id, public, Backend::Custom(egress))
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a guest may know of it.
    pub fn public(&self) -> &Connection {
        &self.public
    }

    /// Where the responses to its requests come from.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The faults that its runs meet.
    pub fn faults(&self) -> Option<&Script> {
        self.faults.as_ref()
    }

    /// The same connection as `other` has it, if it is configured alike: what is open of that
    /// stays open.
    pub(super) fn kept_open(self, other: Option<&Self>) -> Self {
        match (&self.backend, other.map(|other| &other.backend)) {
            (Backend::Live(new), Some(Backend::Live(old))) if new.configured == old.configured => {
                Self { backend: Backend::Live(Arc::clone(old)), ..self }
            }
            _ => self,
        }
    }
}
