//! A component in its sandbox, with the policy of its actions: what a run from the command
//! line, a replay and a plan have in common.

use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;
use wasmtime::component::Val;

use crate::connections::{Connection, InvalidGraphUrl, Lent};
use crate::contract::policy::PolicyError;
use crate::contract::{ActionPolicy, Policy};
use crate::egress::WayOut;
use crate::egress::authority::Authority;
use crate::egress::ledger::Ledger;
use crate::egress::usage::Usage;
use crate::fair::Places;
use crate::recording::Secrets;
use crate::sandbox::{self, Action, Clock, Ended, Guest, GuestError, Limits, Run, Sandbox, Turns};

/// A component that is ready to run, under its policy. It may run on many threads at a time.
pub struct Host {
    sandbox: Arc<Sandbox>,
    computing: Places,
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

/// One run of one action, in the host's terms.
pub struct Job<'a> {
    /// The action.
    pub action: &'a Action,
    /// Its input, converted already.
    pub input: Val,
    /// Its secret inputs, which its error must not repeat.
    pub secrets: Secrets,
    /// The connection that is lent to it, under its id.
    pub lent: Option<(String, Connection)>,
    /// Where its requests go once the policy has let them pass.
    pub way_out: WayOut,
    /// Its clock.
    pub clock: Clock,
    /// Where its writes are noted.
    pub ledger: Ledger,
    /// What it may use up.
    pub limits: Limits,
    /// Where it is counted what it takes.
    pub usage: Usage,
    /// Whose turns it takes when it computes for long; none for turns of its own.
    pub line: Option<Turns>,
}

impl Host {
    /// Loads a component, for up to `max_runs` runs at a time.
    pub fn new(component: &[u8], max_runs: u32) -> Result<Self, HostError> {
        let sandbox = Arc::new(Sandbox::new(max_runs).map_err(HostError::Sandbox)?);
        let guest = Guest::load(&sandbox, component)?;
        Ok(Self {
            sandbox,
            computing: sandbox::computing_places(),
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
    pub fn line(&self) -> Turns {
        Turns::new(self.computing.line())
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
    /// `connection` and with the writes in `ledger`: that what it removed was not there, which
    /// is how a name that is not the right one is missed.
    pub fn warnings(&self, ledger: &Ledger, connection: &Connection) -> Vec<String> {
        let Ok(root) = connection.graph_root() else { return Vec::new() };
        let root = root.path().trim_end_matches('/');
        let absent = ledger.absent();
        let said = absent
            .iter()
            .filter_map(|(method, url)| self.policy.absent(method, url.path().strip_prefix(root)?));
        said.collect()
    }

    /// Runs a job, its requests held against the action's policy.
    ///
    /// # Errors
    /// When the lent connection's Graph address is none.
    pub async fn run(&self, job: Job<'_>) -> Result<Ended, InvalidGraphUrl> {
        let graph_url =
            job.lent.as_ref().map(|(_, connection)| connection.graph_root()).transpose()?;
        let authority = Authority {
            action: job.action.name.clone(),
            calls: self.policy(&job.action.name).calls,
            graph_url,
        };
        let run = Run {
            action: job.action,
            input: job.input,
            lent: Lent(job.lent),
            way_out: authority.in_front_of(job.way_out),
            clock: job.clock,
            secrets: job.secrets,
            ledger: job.ledger,
            limits: job.limits,
            usage: job.usage,
            line: job.line.unwrap_or_else(|| self.line()),
        };
        Ok(self.guest.run(&self.sandbox, run).await)
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
