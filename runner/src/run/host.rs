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
use crate::recording::forms::hex;
use crate::sandbox::{self, ComputeQueue, Finished, Granted, Guest, GuestError, Run, Sandbox};

/// A component in its sandbox, with its policy. Many runs can use it at a time.
pub struct Host {
    sandbox: Arc<Sandbox>,
    computing: Permits,
    guest: Guest,
    policy: Arc<Policy>,
    component: String,
}

/// Why a host cannot be created.
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
    /// Loads a component for up to `max_runs` runs at a time.
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

    /// Loads another component into the same sandbox. The runs of this one continue.
    pub fn with(&self, component: &[u8]) -> Result<Self, HostError> {
        Ok(Self {
            sandbox: Arc::clone(&self.sandbox),
            computing: self.computing.clone(),
            guest: Guest::load(&self.sandbox, component)?,
            policy: Arc::clone(&self.policy),
            component: digest(component),
        })
    }

    /// Returns the turns of one tenant, by which its runs share the processors with others.
    pub fn queue(&self) -> ComputeQueue {
        ComputeQueue::new(self.computing.queue())
    }

    /// Returns the component with its actions.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Returns the SHA-256 of the component, in hexadecimal.
    pub fn component(&self) -> &str {
        &self.component
    }

    /// Returns the policy of an action, which is empty when `actions.toml` does not name it.
    pub fn policy(&self, action: &str) -> Arc<ActionPolicy> {
        self.policy.action(action).cloned().unwrap_or_default()
    }

    /// Returns the warnings of a successful run with these writes: what it was to remove did not
    /// exist, as after a mistyped name.
    pub fn warnings(&self, writes: &Writes, connection: &Connection) -> Vec<String> {
        let absent = writes.absent();
        // Most runs have none, and need not parse the address again.
        if absent.is_empty() {
            return Vec::new();
        }
        let Ok(root) = connection.graph_root() else { return Vec::new() };
        let root = root.path().trim_end_matches('/');
        absent
            .iter()
            .filter_map(|(method, url)| self.policy.absent(method, url.path().strip_prefix(root)?))
            .collect()
    }

    /// Runs a checked action in a new instance, whose requests go through `egress`.
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

/// Returns the secret inputs among `fields`.
pub fn secrets(policy: &ActionPolicy, fields: &Map<String, Value>) -> Secrets {
    policy
        .secrets
        .iter()
        .filter_map(|name| Some((name.clone(), fields.get(name)?.as_str()?.to_owned())))
        .collect()
}

/// Returns the SHA-256 of some bytes, in hexadecimal.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}
