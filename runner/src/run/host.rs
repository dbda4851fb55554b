//! A component in its sandbox, with the policy of its actions.

use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Checked;
use crate::context::{RunContext, Writes};
use crate::contract::policy::PolicyError;
use crate::contract::{ActionPolicy, Connection, Policy};
use crate::egress::EgressStack;
use crate::fair_queue::Permits;
use crate::recording::Secrets;
use crate::sandbox::{self, ComputeQueue, Finished, Granted, Guest, GuestError, Run, Sandbox};

/// A component that is ready to run, under its policy. It may run on many threads at a time.
pub struct Host {
    sandbox: Arc<Sandbox>,
    computing: Permits,
    guest: Guest,
    policy: Arc<Policy>,
    component: String,
}

/// Why there is no host.
#[derive(Debug, Error)]
pub enum HostError {
    /// The machine lacks something that the sandbox needs.
    #[error("the sandbox cannot be set up: {0:#}")]
    Sandbox(wasmtime::Error),
    /// The component cannot be run here.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Host {
    /// Loads a component, for up to `max_runs` runs at a time.
    pub fn new(component: &[u8], max_runs: u32) -> Result<Self, HostError> {
        let sandbox = Arc::new(Sandbox::new(max_runs).map_err(HostError::Sandbox)?);
        let guest = Guest::load(&sandbox, component)?;
        Ok(Self {
            sandbox,
            computing: sandbox::computing_permits(),
            guest,
            policy: Arc::new(Policy::embedded()?),
            component: digest(component),
        })
    }

    /// A host of another component in the same sandbox. Runs of this one go on.
    pub fn with(&self, component: &[u8]) -> Result<Self, HostError> {
        Ok(Self {
            sandbox: Arc::clone(&self.sandbox),
            computing: self.computing.clone(),
            guest: Guest::load(&self.sandbox, component)?,
            policy: Arc::clone(&self.policy),
            component: digest(component),
        })
    }

    /// The turns of one tenant: its runs take them with those of others when they compute
    /// for long.
    pub fn queue(&self) -> ComputeQueue {
        ComputeQueue::new(self.computing.queue())
    }

    /// The component and its actions.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// The SHA-256 of the component, in hexadecimal.
    pub fn component(&self) -> &str {
        &self.component
    }

    /// What an action may do; nothing when `actions.toml` does not name it.
    pub fn policy(&self, action: &str) -> ActionPolicy {
        self.policy.action(action).cloned().unwrap_or_default()
    }

    /// What is to be said beside the result of a run that did what it was asked, by
    /// `connection` and with these `writes`: that what it removed was not there, which
    /// is how a name that is not the right one is missed.
    pub fn warnings(&self, writes: &Writes, connection: &Connection) -> Vec<String> {
        let Ok(root) = connection.graph_root() else { return Vec::new() };
        let root = root.path().trim_end_matches('/');
        let absent = writes.absent();
        let said = absent
            .iter()
            .filter_map(|(method, url)| self.policy.absent(method, url.path().strip_prefix(root)?));
        said.collect()
    }

    /// Runs a checked action in an instance of its own, its requests through `egress`.
    pub(super) async fn run(
        &self,
        context: &RunContext,
        checked: &Checked,
        granted: Option<(String, Connection)>,
        egress: EgressStack,
        turns: Option<ComputeQueue>,
    ) -> Finished {
        let run = Run {
            context: context.clone(),
            action: &checked.action,
            input: checked.input.clone(),
            granted: Granted(granted),
            egress,
            queue: turns.unwrap_or_else(|| self.queue()),
        };
        self.guest.run(&self.sandbox, run).await
    }
}

/// The secret inputs among `fields`.
pub fn secrets(policy: &ActionPolicy, fields: &Map<String, Value>) -> Secrets {
    policy
        .secrets
        .iter()
        .filter_map(|name| Some((name.clone(), fields.get(name)?.as_str()?.to_owned())))
        .collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
