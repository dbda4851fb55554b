//! The decisions on attempts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::super::digest::Digest;
use super::super::{Begun, StoreError};
use super::entry::{Entry, Progress};
use super::pause::Pauses;
use super::reservation::{Held, Reservation};
use super::{Found, Shared};
use crate::store::process::LEASE;
use crate::store::{Expected, Key};

/// The time in which another process resumes the run of one that has given its key up, as one does
/// that stops: a lease to find out, and as much again for a busy machine and a store that restarts.
const RESUMED: Duration = LEASE.saturating_mul(3);

/// An attempt that waits for a decision.
pub struct Pending {
    pub store: Shared,
    pub key: Key,
    pub tenant: Arc<str>,
    pub digest: Digest,
    pub run: Uuid,
    pub harmless: bool,
}

/// What follows from a look at the entry.
enum Step {
    /// The decision.
    Decided(Begun),
    /// The entry has just changed.
    LookAgain,
    /// Another run is not done.
    Wait,
}

impl Pending {
    /// Decides, and sends the decision. The attempt is withdrawn when nobody waits for it.
    pub async fn decide(self, mut reply: oneshot::Sender<Result<Begun, StoreError>>) {
        let Some(decision) = self.decision(&mut reply).await.transpose() else { return };
        if let Err(Ok(Begun::First(reservation))) = reply.send(decision) {
            // Nothing has run. Without the store, this is tried again.
            let _ = reservation.forget().await;
        }
    }

    /// Returns the decision; `None` if nobody waits for it.
    async fn decision(
        &self,
        reply: &mut oneshot::Sender<Result<Begun, StoreError>>,
    ) -> Result<Option<Begun>, StoreError> {
        let mut pauses = Pauses::new();
        let mut given_up = None;
        let mut step = self.begin().await?;
        loop {
            match step {
                Step::Decided(begun) => return Ok(Some(begun)),
                Step::LookAgain => {}
                Step::Wait => tokio::select! {
                    () = pauses.next() => {}
                    () = reply.closed() => return Ok(None),
                },
            }
            step = match self.store.read(&self.key).await? {
                None => self.begin().await?,
                Some(found) => self.look(found, &mut given_up).await?,
            };
        }
    }

    /// Begins with a key that has no entry.
    async fn begin(&self) -> Result<Step, StoreError> {
        if self.store.0.counts.has_room(&self.tenant) {
            return self.hold(Expected::Absent).await;
        }
        let is_new = self.store.read(&self.key).await?.is_none();
        Ok(if is_new { Step::Decided(Begun::Full) } else { Step::LookAgain })
    }

    /// Decides by the entry of the key. `given_up` is since when the run has had no process.
    async fn look(&self, found: Found, given_up: &mut Option<Instant>) -> Result<Step, StoreError> {
        let Found { entry, revision } = found;
        if !entry.digest.is_same(&self.digest) {
            return Ok(Step::Decided(Begun::OtherBody));
        }
        let (run, again) = (entry.run, Expected::Is(revision));
        let given_up_since = given_up.take();
        match entry.clone().progress(&self.key)? {
            Progress::Done(response) => Ok(Step::Decided(Begun::Again(response))),
            Progress::NotKept(_) if self.harmless => self.hold(again).await,
            Progress::NotKept(status) => Ok(Step::Decided(Begun::NotKept { status, run })),
            Progress::Running(process) if self.store.0.process.is_alive(&process).await? => {
                Ok(Step::Wait)
            }
            Progress::Running(_) | Progress::GivenUp
                if self.store.0.orphans.closed(run).await? =>
            {
                self.hold(again).await
            }
            Progress::Running(_) => Ok(Step::Wait),
            Progress::GivenUp => {
                if given_up.insert(given_up_since.unwrap_or_else(Instant::now)).elapsed() < RESUMED
                {
                    return Ok(Step::Wait);
                }
                if self.harmless {
                    return self.hold(again).await;
                }
                let reservation = Reservation::new(self.held(entry), revision).into();
                Ok(Step::Decided(Begun::Interrupted { run, reservation }))
            }
        }
    }

    /// Takes the key, if its entry is the expected one.
    async fn hold(&self, expected: Expected) -> Result<Step, StoreError> {
        let held = self.held(Entry::new(self.digest, self.run, self.store.0.process.id()));
        match self.store.write(&self.key, &held.entry, expected).await {
            Ok(Some(revision)) => {
                let reservation = Reservation::new(held, revision).into();
                Ok(Step::Decided(Begun::First(reservation)))
            }
            Ok(None) => Ok(Step::LookAgain),
            Err(error) => {
                // It is perhaps written nevertheless, and others would wait for it.
                tokio::spawn(held.withdraw());
                Err(error)
            }
        }
    }

    fn held(&self, entry: Entry) -> Held {
        let (store, tenant, key) = (self.store.clone(), Arc::clone(&self.tenant), self.key.clone());
        Held { store, tenant, key, entry }
    }
}
