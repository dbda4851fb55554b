//! The duty to answer.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::command::{Command, Decision, Digest, PendingAttempt, StoreResult, TenantKey};
use super::writer::Writer;
use super::{Attempt, StoreError, StoredResponse};

/// The duty to answer an attempt. One that is dropped stands for a run that was cut off:
/// later attempts with its key are told so.
#[must_use = "the key is held until there is an answer"]
pub struct Reservation {
    writer: Arc<Writer>,
    name: TenantKey,
    claim: u64,
    state: State,
}

/// What a reservation's end means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody has heard that it is the first, so nothing was done.
    Asked,
    /// It may have been run.
    Held,
    /// It has ended.
    Void,
}

impl Reservation {
    /// Asks for a key; whoever no longer waits for the decision has let go of it.
    pub(super) fn ask(
        writer: &Arc<Writer>,
        name: TenantKey,
        digest: Digest,
        attempt: &Attempt<'_>,
    ) -> (Self, oneshot::Receiver<Result<Decision, StoreError>>) {
        let (reply, decision) = oneshot::channel();
        let (claim, run, harmless) = (writer.claim(), attempt.run, attempt.harmless);
        let asking = PendingAttempt { name: name.clone(), claim, digest, run, harmless, reply };
        writer.send(Command::Begin(asking));
        (Self { writer: Arc::clone(writer), name, claim, state: State::Asked }, decision)
    }

    /// The caller hears now that the key is its own.
    pub(super) fn hold(&mut self) {
        self.state = State::Held;
    }

    /// There is nothing to answer.
    pub(super) fn void(mut self) {
        self.state = State::Void;
    }

    /// Keeps the answer. It is on the disk when this returns, and goes to all who wait for
    /// it. It is kept also when the future is dropped after its first poll.
    ///
    /// # Errors
    /// When the disk does not take it. The answer is good all the same and may be given; a
    /// repeat is told that the run was cut off.
    pub async fn finish(mut self, answer: StoredResponse) -> Result<(), StoreError> {
        self.state = State::Void;
        let (name, claim) = (self.name.clone(), self.claim);
        self.send(|done| Command::Finish { name, claim, answer, done }).await
    }

    /// Lets go of the key, for nothing was done: the attempt was refused before it ran. Who
    /// waits for it is next.
    ///
    /// # Errors
    /// When the disk does not take it. A repeat is then told that the run was cut off.
    pub async fn forget(mut self) -> Result<(), StoreError> {
        self.state = State::Void;
        let (name, claim) = (self.name.clone(), self.claim);
        let command = |done| Command::Release { name, claim, forgotten: true, done: Some(done) };
        self.send(command).await
    }

    async fn send(
        &self,
        command: impl FnOnce(oneshot::Sender<StoreResult>) -> Command,
    ) -> StoreResult {
        let (done, kept) = oneshot::channel();
        self.writer.send(command(done));
        kept.await.unwrap_or_else(|_| Err(self.writer.stopped()))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.state != State::Void {
            let (name, claim) = (self.name.clone(), self.claim);
            let forgotten = self.state == State::Asked;
            self.writer.send(Command::Release { name, claim, forgotten, done: None });
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reservation").finish_non_exhaustive()
    }
}
