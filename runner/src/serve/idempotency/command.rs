//! What the writing thread is asked for, and what it decides.

use std::sync::Arc;

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Answer, IdempotencyKey, StoreError};

/// A key and whose it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    pub tenant: Arc<str>,
    pub key: IdempotencyKey,
}

/// The key of a store's digests.
pub type Secret = [u8; 32];

/// What a request is known by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a request in a store. A key in front is enough of a MAC here: a digest
    /// never leaves the store, so there is none that could be extended.
    pub fn of(secret: &Secret, request: &[u8]) -> Self {
        Self(Sha256::new().chain_update(secret).chain_update(request).finalize().into())
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
    /// End.
    Close,
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
