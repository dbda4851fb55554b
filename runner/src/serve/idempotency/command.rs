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

/// The length of one digest, in bytes.
const LENGTH: usize = 32;

/// The length of all that a request is known by, in bytes.
pub const DIGEST: usize = 3 * LENGTH;

/// What a request is known by: the digests of what anybody may know of it, of its caller's
/// key, and of its secrets with the two.
#[derive(Clone, Copy)]
pub struct Digest(pub [u8; DIGEST]);

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
            sha.finalize()
        };
        let Attempt { request, caller, secrets, .. } = attempt;
        let mut digests = [0; DIGEST];
        let parts: [&[&[u8]]; 3] = [&[request], &[caller], &[caller, secrets]];
        for (room, parts) in digests.chunks_exact_mut(LENGTH).zip(parts) {
            room.copy_from_slice(&digest(parts));
        }
        Self(digests)
    }

    /// Whether it is the same request. Under another key of its caller nobody can say whether
    /// its secrets are the same, and the rest counts.
    pub fn is_same(&self, other: &Self) -> bool {
        let mut same =
            self.0.chunks(LENGTH).zip(other.0.chunks(LENGTH)).map(|(one, two)| one == two);
        let [request, caller, secrets] = [same.next(), same.next(), same.next()];
        request == Some(true) && (caller == Some(false) || secrets == Some(true))
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
