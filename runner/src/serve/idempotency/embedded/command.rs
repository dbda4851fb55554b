//! The commands to the writer thread, and its decisions.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::super::digest::Digest;
use super::super::{IdempotencyKey, StoreError, StoredResponse};

/// An idempotency key of a tenant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TenantKey {
    pub tenant: Arc<str>,
    pub key: IdempotencyKey,
}

/// A command to the thread. A `claim` identifies a call of
/// [`begin`](super::Embedded::begin), which holds its key until it finishes.
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

/// The decision on an attempt; see [`Begun`](super::super::Begun).
pub enum Decision {
    First,
    Again(StoredResponse),
    OtherBody,
    NotKept { status: StatusCode, run: Uuid },
    Interrupted(Uuid),
    Full,
}
