//! The connections of tenants.

use std::sync::Arc;

use crate::connections::config::Configured;
use crate::contract::Connection;
use crate::egress::EgressStack;
use crate::egress::faults::Script;
use crate::run::{Backend, Simulated, simulated_connection};
use crate::simulator::Simulator;

/// A connection of a tenant. Clones share its open HTTP connections and tokens.
#[derive(Clone, Debug)]
pub struct Link {
    id: String,
    public: Connection,
    backend: Backend,
    faults: Option<Script>,
}

impl Link {
    /// Creates a connection to Microsoft Graph.
    pub fn live(configured: Configured) -> Self {
        Self::to(configured.id.clone(), configured.public(), Backend::live(configured))
    }

    /// Creates a connection to a simulated tenant. Its runs wait in virtual time.
    pub fn simulated(id: impl Into<String>, simulator: Simulator) -> Self {
        let public = simulated_connection(&simulator);
        Self::to(id, public, Backend::Simulated(Simulated::new(simulator)))
    }

    /// Creates a connection with this backend.
    pub fn to(id: impl Into<String>, public: Connection, backend: Backend) -> Self {
        Self { id: id.into(), public, backend, faults: None }
    }

    /// Injects the faults of a script into every run.
    #[must_use]
    pub fn with_faults(self, script: Script) -> Self {
        Self { faults: Some(script), ..self }
    }

    /// Creates a connection whose requests end in `egress`, which also signs in.
    pub fn given(id: impl Into<String>, public: Connection, egress: EgressStack) -> Self {
        Self::to(id, public, Backend::Custom(egress))
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the description for guests.
    pub fn public(&self) -> &Connection {
        &self.public
    }

    /// Returns the backend.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Returns the faults that are injected.
    pub fn faults(&self) -> Option<&Script> {
        self.faults.as_ref()
    }

    /// Takes over the open backend of `other`, if the configuration is the same.
    pub(super) fn reusing(self, other: Option<&Self>) -> Self {
        match (&self.backend, other.map(|other| &other.backend)) {
            (Backend::Live(new), Some(Backend::Live(old))) if new.configured == old.configured => {
                Self { backend: Backend::Live(Arc::clone(old)), ..self }
            }
            _ => self,
        }
    }
}
