//! Reservations of keys in the file.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::super::digest::Digest;
use super::super::{Attempt, StoreError, StoredResponse};
use super::command::{Command, Decision, PendingAttempt, StoreResult, TenantKey};
use super::writer::Writer;

/// The duty to respond to an attempt; see [`Reservation`](super::super::Reservation).
pub struct Reservation {
    writer: Arc<Writer>,
    name: TenantKey,
    claim: u64,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The caller has no decision yet, so nothing was done.
    Requested,
    /// The request may have run.
    Held,
    /// The reservation has ended.
    Ended,
}

impl Reservation {
    /// Requests a key. Dropping the reservation before the decision withdraws the request.
    pub(super) fn request(
        writer: &Arc<Writer>,
        name: TenantKey,
        digest: Digest,
        attempt: &Attempt<'_>,
    ) -> (Self, oneshot::Receiver<Result<Decision, StoreError>>) {
        let (reply, decision) = oneshot::channel();
        let (claim, run, harmless) = (writer.claim(), attempt.run, attempt.harmless);
        let pending = PendingAttempt { name: name.clone(), claim, digest, run, harmless, reply };
        writer.send(Command::Begin(pending));
        (Self { writer: Arc::clone(writer), name, claim, stage: Stage::Requested }, decision)
    }

    /// Returns the reservation of a run that goes on, whose claim holds the key.
    pub(super) fn recovered(writer: &Arc<Writer>, name: TenantKey, claim: u64) -> Self {
        Self { writer: Arc::clone(writer), name, claim, stage: Stage::Held }
    }

    /// Marks the key as held by the caller.
    pub(super) fn held(mut self) -> Self {
        self.stage = Stage::Held;
        self
    }

    /// Ends a reservation that needs no response.
    pub(super) fn end(mut self) {
        self.stage = Stage::Ended;
    }

    /// Stores the response, and sends it to the waiting attempts.
    pub async fn finish(mut self, response: StoredResponse) -> Result<(), StoreError> {
        self.stage = Stage::Ended;
        let (name, claim) = (self.name.clone(), self.claim);
        self.send(|done| Command::Finish { name, claim, response, done }).await
    }

    /// Releases the key of an attempt that was rejected before it ran. The next waiting attempt
    /// gets it.
    pub async fn forget(mut self) -> Result<(), StoreError> {
        self.stage = Stage::Ended;
        let (name, claim) = (self.name.clone(), self.claim);
        let command = |done| Command::Release { name, claim, forgotten: true, done: Some(done) };
        self.send(command).await
    }

    async fn send(
        &self,
        command: impl FnOnce(oneshot::Sender<StoreResult>) -> Command,
    ) -> StoreResult {
        let (done, stored) = oneshot::channel();
        self.writer.send(command(done));
        stored.await.unwrap_or_else(|_| Err(self.writer.stopped()))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.stage != Stage::Ended {
            let (name, claim) = (self.name.clone(), self.claim);
            let forgotten = self.stage == Stage::Requested;
            self.writer.send(Command::Release { name, claim, forgotten, done: None });
        }
    }
}
