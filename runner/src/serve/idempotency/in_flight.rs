//! What runs now, and who waits for it.

use std::collections::HashMap;

use uuid::Uuid;

use super::command::{Digest, PendingAttempt, TenantKey};

/// The keys that are held.
#[derive(Default)]
pub struct InFlight(HashMap<TenantKey, Claim>);

/// A key that is held.
pub struct Claim {
    /// Who holds it.
    id: u64,
    /// What was asked for.
    pub digest: Digest,
    /// The run that the answer is of.
    pub run: Uuid,
    /// Whether it is being run; else an earlier run of it was cut off.
    pub running: bool,
    /// Who asks for the same.
    pub waiting: Vec<PendingAttempt>,
}

impl InFlight {
    /// Who holds a key.
    pub fn get(&self, name: &TenantKey) -> Option<&Claim> {
        self.0.get(name)
    }

    /// A key, if this claim holds it.
    pub fn held(&self, name: &TenantKey, claim: u64) -> Option<&Claim> {
        self.0.get(name).filter(|held| held.id == claim)
    }

    /// Gives a key to who asks, for the answer of `run`.
    pub fn hold(&mut self, asking: &PendingAttempt, run: Uuid, running: bool) {
        let PendingAttempt { claim, digest, .. } = *asking;
        let claim = Claim { id: claim, digest, run, running, waiting: Vec::new() };
        self.0.insert(asking.name.clone(), claim);
    }

    /// Lets somebody wait for the end of what holds the key.
    pub fn wait(&mut self, asking: PendingAttempt) {
        if let Some(claim) = self.0.get_mut(&asking.name) {
            claim.waiting.push(asking);
        }
    }

    /// Takes the key from a claim; one that only waits waits no longer.
    pub fn release(&mut self, name: &TenantKey, claim: u64) -> Option<Claim> {
        let held = self.0.get_mut(name)?;
        if held.id == claim {
            return self.0.remove(name);
        }
        held.waiting.retain(|asking| asking.claim != claim);
        None
    }
}
