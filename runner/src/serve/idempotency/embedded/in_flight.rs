//! The keys of current calls, and the attempts that wait for them.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::digest::Digest;
use super::command::{PendingAttempt, TenantKey};

/// The held keys.
#[derive(Default)]
pub struct InFlight(HashMap<TenantKey, Claim>);

/// A held key.
pub struct Claim {
    /// The holder.
    id: u64,
    /// The digests of the request.
    pub digest: Digest,
    /// The run of the response.
    pub run: Uuid,
    /// Whether the request runs; otherwise an earlier run of it was interrupted.
    pub running: bool,
    /// The attempts with the same request.
    waiting: Vec<PendingAttempt>,
}

impl InFlight {
    /// Returns the claim that holds a key.
    pub fn get(&self, name: &TenantKey) -> Option<&Claim> {
        self.0.get(name)
    }

    /// Returns the claim with this id, if it holds the key.
    pub fn held(&self, name: &TenantKey, claim: u64) -> Option<&Claim> {
        self.0.get(name).filter(|held| held.id == claim)
    }

    /// Assigns a key to an attempt, for the response of `run`.
    pub fn hold(&mut self, attempt: &PendingAttempt, run: Uuid, running: bool) {
        let PendingAttempt { claim, digest, .. } = *attempt;
        let claim = Claim { id: claim, digest, run, running, waiting: Vec::new() };
        self.0.insert(attempt.name.clone(), claim);
    }

    /// Assigns the key of a run that goes on to a claim.
    pub fn recover(&mut self, name: &TenantKey, digest: Digest, run: Uuid, claim: u64) {
        let claim = Claim { id: claim, digest, run, running: false, waiting: Vec::new() };
        self.0.insert(name.clone(), claim);
    }

    /// Adds an attempt to those that wait for the key.
    pub fn wait(&mut self, attempt: PendingAttempt) {
        if let Some(claim) = self.0.get_mut(&attempt.name) {
            claim.waiting.push(attempt);
        }
    }

    /// Releases the key of a claim, and returns the waiting attempts. Removes the claim from the
    /// waiting ones if it does not hold the key.
    pub fn release(&mut self, name: &TenantKey, claim: u64) -> Vec<PendingAttempt> {
        if self.held(name, claim).is_some() {
            return self.0.remove(name).map(|held| held.waiting).unwrap_or_default();
        }
        if let Some(held) = self.0.get_mut(name) {
            held.waiting.retain(|attempt| attempt.claim != claim);
        }
        Vec::new()
    }
}
