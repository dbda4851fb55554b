//! What the writing thread is asked for, and what it decides.

use std::sync::Arc;

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Answer, Attempt, IdempotencyKey, StoreError};

/// A key and whose it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    pub tenant: Arc<str>,
    pub key: IdempotencyKey,
}

/// The key of a store's digests.
pub type Secret = [u8; 32];

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
    pub fn of(secret: &Secret, attempt: &Attempt<'_>) -> Self {
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
/// [`begin`](super::Answers::begin); it has the key from its decision to its end.
pub enum Command {
    /// Decide what an attempt comes to.
    Begin(Asking),
    /// Keep an answer.
    Finish { name: Name, claim: u64, answer: Answer, done: oneshot::Sender<Kept> },
    /// Let go of a key without an answer. Nothing was done if it is to be `forgotten`.
    Release { name: Name, claim: u64, forgotten: bool, done: Option<oneshot::Sender<Kept>> },
}

/// Whether it is on the disk.
pub type Kept = Result<(), StoreError>;

/// An attempt, and who wants to know about it.
pub struct Asking {
    pub name: Name,
    pub claim: u64,
    pub digest: Digest,
    pub run: Uuid,
    pub harmless: bool,
    pub reply: oneshot::Sender<Result<Decision, StoreError>>,
}

impl Asking {
    /// Tells who asks. Whoever went away has let go of the key already.
    pub fn tell(self, decision: Result<Decision, StoreError>) {
        let _ = self.reply.send(decision);
    }
}

/// What an attempt comes to; see [`Begun`](super::Begun).
pub enum Decision {
    First,
    Again(Answer),
    OtherBody,
    NotKept { status: StatusCode, run: Uuid },
    Interrupted(Uuid),
}
