//! The building of a platform.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::permits::Sharing;
use super::{DEFAULT_MAX_RUNS, Inner, Platform};
use crate::audit::AuditLog;
use crate::connections::tokens::TokenCache;
use crate::egress::throttle::Gates;
use crate::fair_queue::Permits;
use crate::journal::PlatformJournals;
use crate::run::{Host, HostError, Shared};
use crate::sandbox::COMPONENT;
use crate::store::generated::GeneratedSecrets;
use crate::store::process::Process;

/// A builder of a [`Platform`].
#[derive(Debug)]
pub struct Builder {
    max_runs: u32,
    component: Option<Vec<u8>>,
    audit: Option<AuditLog>,
    journals: Option<Arc<dyn PlatformJournals>>,
    generated: Option<GeneratedSecrets>,
    tokens: TokenCache,
    process: Option<Process>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            max_runs: DEFAULT_MAX_RUNS,
            component: None,
            audit: None,
            journals: None,
            generated: None,
            tokens: TokenCache::default(),
            process: None,
        }
    }

    /// Sets the number of concurrent runs of all tenants. Each reserves address space.
    pub fn max_runs(self, max_runs: u32) -> Self {
        Self { max_runs: max_runs.max(1), ..self }
    }

    /// Sets the component. The default is the one that was built with this runner.
    pub fn component(self, bytes: Vec<u8>) -> Self {
        Self { component: Some(bytes), ..self }
    }

    /// Sets the audit log. Without it, runs are not logged.
    pub fn audit(self, audit: AuditLog) -> Self {
        Self { audit: Some(audit), ..self }
    }

    /// Sets the journals, with which runs that change something go on after a crash. See
    /// [`Platform::resume`].
    pub fn journals(self, journals: impl PlatformJournals + 'static) -> Self {
        Self { journals: Some(Arc::new(journals)), ..self }
    }

    /// Sets where the secrets are kept that the host makes up, which callers cannot ask for
    /// otherwise.
    pub fn generated(self, generated: GeneratedSecrets) -> Self {
        Self { generated: Some(generated), ..self }
    }

    /// Sets the directory for tokens. The default is in the user's state directory.
    pub fn token_directory(self, directory: PathBuf) -> Self {
        Self { tokens: TokenCache::kept_in(directory), ..self }
    }

    /// Shares a store with other processes: the concurrent runs of a tenant, what Graph's
    /// throttling asks for, and the tokens of users, which the store must seal, hold for all of them
    /// together. [`Self::build`] must then be called within a runtime.
    pub fn shared(self, process: Process) -> Self {
        Self { process: Some(process), ..self }
    }

    /// Builds the platform, without tenants. Compiles the component, which may take a second.
    ///
    /// # Errors
    /// Fails when the machine lacks a resource for the sandbox, or the component cannot be loaded.
    pub fn build(self) -> Result<Platform, HostError> {
        let component = self.component.as_deref().unwrap_or(COMPONENT);
        let permits = usize::try_from(self.max_runs).unwrap_or(usize::MAX);
        let host = Host::new(component, self.max_runs)?;
        let store = self.process.as_ref().map(|process| Arc::clone(process.store()));
        let tokens = match &store {
            Some(store) => self.tokens.shared(Arc::clone(store)),
            None => self.tokens,
        };
        let gates = store.map(Gates::shared).unwrap_or_default();
        Ok(Platform(Arc::new(Inner {
            host: ArcSwap::from_pointee(host),
            tenants: ArcSwap::default(),
            permits: Permits::new(permits),
            sharing: self.process.map(Sharing::new),
            shared: Shared { tokens, gates: Some(gates) },
            audit: self.audit,
            journals: self.journals,
            generated: self.generated,
            runs: TaskTracker::new(),
            stopping: CancellationToken::new(),
            cut: CancellationToken::new(),
        })))
    }
}
