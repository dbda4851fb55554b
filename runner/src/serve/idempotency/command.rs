//! The commands to the writer thread, and its decisions.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Attempt, IdempotencyKey, StoreError, StoredResponse};

/// An idempotency key of a tenant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TenantKey {
    pub tenant: Arc<str>,
    pub key: IdempotencyKey,
}

/// The key of the digests in a store.
pub type DigestKey = [u8; 32];

/// The digests that identify a request.
#[derive(Clone, Copy)]
pub struct Digest {
    /// The request without its secrets.
    pub request: [u8; 32],
    /// The API key of the caller.
    pub caller: [u8; 32],
    /// The secrets, together with the API key.
    pub secrets: [u8; 32],
}

impl Digest {
    /// Computes the digests of an attempt. A prefixed key is a sufficient MAC: digests never leave
    /// the store, so nobody can extend one.
    pub fn of(secret: &DigestKey, attempt: &Attempt<'_>) -> Self {
        let digest = |parts: &[&[u8]]| {
            let mut sha = Sha256::new_with_prefix(secret);
            for part in parts {
                // With the length, so that different lists of parts differ.
                sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                sha.update(part);
            }
            sha.finalize().into()
        };
        Self {
            request: digest(&[attempt.request]),
            caller: digest(&[attempt.caller]),
            secrets: digest(&[attempt.caller, attempt.secrets]),
        }
    }

    /// Returns whether both are of the same request. The secrets are comparable only for the same
    /// API key.
    pub fn is_same(&self, other: &Self) -> bool {
        self.request == other.request
            && (self.caller != other.caller || self.secrets == other.secrets)
    }
}

/// A command to the thread. A `claim` identifies a call of
/// [`begin`](super::ResponseStore::begin), which holds its key until it finishes.
pub enum Command {
    /// Decide on an attempt.
    Begin(PendingAttempt),
    /// Store a response.
    Finish {
        name: TenantKey,
        claim: u64,
        response: StoredResponse,
        done: oneshot::Sender<StoreResult>,
    },
    /// Release a key without a response. If nothing was done, the key is `forgotten`.
    Release {
        name: TenantKey,
        claim: u64,
        forgotten: bool,
        done: Option<oneshot::Sender<StoreResult>>,
    },
    /// Hold the keys of the runs that go on, and forget those of runs that did nothing.
    Recover(Recovery),
}

/// What is known of the runs that an earlier process did not end.
pub struct Recovery {
    /// The runs that go on, each with the claim that is to hold its key.
    pub runs: HashMap<Uuid, u64>,
    /// The Unix time in milliseconds since which every other run did nothing.
    pub since: u64,
    pub reply: oneshot::Sender<Result<Vec<(Uuid, TenantKey)>, StoreError>>,
}

/// Whether a command is on the disk.
pub type StoreResult = Result<(), StoreError>;

/// An attempt that waits for a decision.
pub struct PendingAttempt {
    pub name: TenantKey,
    pub claim: u64,
    pub digest: Digest,
    pub run: Uuid,
    pub harmless: bool,
    pub reply: oneshot::Sender<Result<Decision, StoreError>>,
}

impl PendingAttempt {
    /// Sends the decision. A caller that no longer waits has released its key.
    pub fn reply(self, decision: Result<Decision, StoreError>) {
        let _ = self.reply.send(decision);
    }
}

/// The decision on an attempt; see [`Begun`](super::Begun).
pub enum Decision {
    First,
    Again(StoredResponse),
    OtherBody,
    NotKept { status: StatusCode, run: Uuid },
    Interrupted(Uuid),
    Full,
}
