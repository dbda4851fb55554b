//! What the writing thread is asked for, and what it decides.

use std::sync::Arc;

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Attempt, IdempotencyKey, StoreError, StoredResponse};

/// A key and whose it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TenantKey {
    pub tenant: Arc<str>,
    pub key: IdempotencyKey,
}

/// The key of a store's digests.
pub type DigestKey = [u8; 32];

/// What a request is known by, each as a digest.
#[derive(Clone, Copy)]
pub struct Digest {
    /// What anybody may know of it.
    pub request: [u8; 32],
    /// Its caller's key to the server.
    pub caller: [u8; 32],
    /// Its secrets, together with that key.
    pub secrets: [u8; 32],
}

impl Digest {
    /// The digest of an attempt's request in a store. A key in front is enough of a MAC here:
    /// a digest never leaves the store, so there is none that could be extended.
    pub fn of(secret: &DigestKey, attempt: &Attempt<'_>) -> Self {
        let digest = |parts: &[&[u8]]| {
            let mut sha = Sha256::new_with_prefix(secret);
            for part in parts {
                // With its length, so that no two lists of parts are the same.
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

    /// Whether it is the same request. Under another key of its caller nobody can say whether
    /// its secrets are the same, and the rest counts.
    pub fn is_same(&self, other: &Self) -> bool {
        self.request == other.request
            && (self.caller != other.caller || self.secrets == other.secrets)
    }
}

/// One thing that the thread is asked for. A `claim` is one call of
/// [`begin`](super::ResponseStore::begin); it has the key from its decision to its end.
pub enum Command {
    /// Decide what an attempt comes to.
    Begin(PendingAttempt),
    /// Keep an answer.
    Finish {
        name: TenantKey,
        claim: u64,
        answer: StoredResponse,
        done: oneshot::Sender<StoreResult>,
    },
    /// Let go of a key without an answer. Nothing was done if it is to be `forgotten`.
    Release {
        name: TenantKey,
        claim: u64,
        forgotten: bool,
        done: Option<oneshot::Sender<StoreResult>>,
    },
}

/// Whether it is on the disk.
pub type StoreResult = Result<(), StoreError>;

/// An attempt, and who wants to know about it.
pub struct PendingAttempt {
    pub name: TenantKey,
    pub claim: u64,
    pub digest: Digest,
    pub run: Uuid,
    pub harmless: bool,
    pub reply: oneshot::Sender<Result<Decision, StoreError>>,
}

impl PendingAttempt {
    /// Tells who asks. Whoever went away has let go of the key already.
    pub fn tell(self, decision: Result<Decision, StoreError>) {
        let _ = self.reply.send(decision);
    }
}

/// What an attempt comes to; see [`Begun`](super::Begun).
pub enum Decision {
    First,
    Again(StoredResponse),
    OtherBody,
    NotKept { status: StatusCode, run: Uuid },
    Interrupted(Uuid),
}
