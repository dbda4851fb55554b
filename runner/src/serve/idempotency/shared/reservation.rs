//! Reservations of keys in the store that processes share.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::super::{StoreError, StoredResponse};
use super::entry::{Entry, Progress};
use super::pause::Pauses;
use super::{Found, MOST_BYTES, Shared};
use crate::store::{Expected, Key, Revision, StoreError as Unusable};

/// The time for which a caller waits until its response is stored: a server of NATS restarts in a
/// few seconds, and a cluster finds another leader.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time for which a caller waits for the process that has taken its run over.
const TAKEN_OVER: Duration = Duration::from_secs(60);

/// The time between attempts to write.
const RETRY: Duration = Duration::from_millis(500);

/// How often the entry of a failed write must be missing until it counts as not written: a message
/// to the server may be under way.
const LOOKS: usize = 2;

/// The duty to respond to an attempt; see [`Reservation`](super::super::Reservation).
pub struct Reservation(Option<Box<(Held, Revision)>>);

/// A key that this process holds.
pub struct Held {
    pub store: Shared,
    pub tenant: Arc<str>,
    pub key: Key,
    pub entry: Entry,
}

/// How a reservation ends.
enum Ending {
    /// With a response.
    Finish(StoredResponse),
    /// Without a trace: nothing was done.
    Forget,
    /// With neither: the run was interrupted.
    GiveUp,
}

/// What has become of an entry.
enum Ended {
    /// It is as this process wants it, or no longer its.
    Done,
    /// Another process has taken the run over, and stored this response.
    Elsewhere(StoredResponse),
    /// Another process has taken the run over, and it is not done.
    Running,
}

type Reply = oneshot::Sender<Result<Option<StoredResponse>, StoreError>>;

impl Reservation {
    /// Creates the reservation of a key, whose entry has a revision.
    pub fn new(held: Held, revision: Revision) -> Self {
        held.store.0.counts.add(&held.tenant);
        Self(Some(Box::new((held, revision))))
    }

    /// Stores the response. Returns what the caller is to receive.
    pub async fn finish(self, response: StoredResponse) -> Result<StoredResponse, StoreError> {
        let other = self.end(Ending::Finish(response.clone())).await?;
        Ok(other.unwrap_or(response))
    }

    /// Releases the key.
    pub async fn forget(self) -> Result<(), StoreError> {
        self.end(Ending::Forget).await.map(drop)
    }

    /// Waits for the response of the process that has taken the run over, or takes it over soon.
    pub async fn elsewhere(mut self) -> Option<StoredResponse> {
        let (held, _) = *self.0.take()?;
        let (started, mut pauses) = (Instant::now(), Pauses::new());
        while started.elapsed() < TAKEN_OVER {
            // An error is that of a store that cannot be reached for some time.
            if let Ok(found) = held.store.read(&held.key).await {
                let entry = found.map(|found| found.entry).filter(|it| it.run == held.entry.run)?;
                match entry.progress(&held.key).ok()? {
                    Progress::Done(response) => return Some(response),
                    Progress::NotKept(_) => return None,
                    Progress::Running(_) | Progress::GivenUp => {}
                }
            }
            pauses.next().await;
        }
        None
    }

    /// Ends in a task, so that it is done also if the future is dropped. Returns the response of
    /// another process.
    async fn end(mut self, ending: Ending) -> Result<Option<StoredResponse>, StoreError> {
        let Some(held) = self.0.take() else { return Ok(None) };
        let (held, revision) = *held;
        let (reply, ended) = oneshot::channel();
        tokio::spawn(held.end(revision, ending, Some(reply)));
        ended.await.unwrap_or(Ok(None))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // Without a runtime the process ends, and its lease with it.
        if let (Some(held), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            let (held, revision) = *held;
            runtime.spawn(held.end(revision, Ending::GiveUp, None));
        }
    }
}

impl Held {
    /// Ends what a failed write has perhaps left.
    pub async fn withdraw(self) {
        let mut looks = 0;
        while looks < LOOKS {
            tokio::time::sleep(RETRY).await;
            match self.store.read(&self.key).await {
                Ok(Some(Found { entry, revision })) if entry.run == self.entry.run => {
                    return self.end(revision, Ending::Forget, None).await;
                }
                Ok(_) => looks += 1,
                Err(error) if is_unavailable(&error) => {}
                Err(_) => return,
            }
        }
    }

    /// Ends, as soon as the store can be reached. Whoever waits for it learns of an error when its
    /// patience ends.
    async fn end(self, revision: Revision, ending: Ending, mut reply: Option<Reply>) {
        let started = Instant::now();
        loop {
            let is_late = started.elapsed() >= ending.patience();
            let ended = match self.try_to_end(revision, &ending).await {
                Ok(Ended::Running) if !is_late => None,
                Ok(Ended::Elsewhere(response)) => Some(Ok(Some(response))),
                Ok(Ended::Done | Ended::Running) => Some(Ok(None)),
                Err(error) if !is_unavailable(&error) => Some(Err(error)),
                Err(error) => {
                    if let Some(reply) = reply.take_if(|_| is_late) {
                        let _ = reply.send(Err(error));
                    }
                    None
                }
            };
            if let Some(ended) = ended {
                if let Err(error) = &ended {
                    tracing::error!(%error, fix = error.fix(), "a key cannot be released");
                }
                // Nobody waits for it if the caller is gone.
                if let Some(reply) = reply {
                    let _ = reply.send(ended);
                }
                return;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn try_to_end(&self, revision: Revision, ending: &Ending) -> Result<Ended, StoreError> {
        match ending {
            Ending::Finish(response) => self.store_response(revision, response).await,
            Ending::Forget => {
                self.store.remove(&self.key, revision).await?;
                self.store.0.counts.remove(&self.tenant);
                Ok(Ended::Done)
            }
            Ending::GiveUp => {
                let entry = self.entry.of_process(None);
                self.store.write(&self.key, &entry, Expected::Is(revision)).await?;
                Ok(Ended::Done)
            }
        }
    }

    /// Stores a response, unless another process has taken the run over.
    async fn store_response(
        &self,
        revision: Revision,
        response: &StoredResponse,
    ) -> Result<Ended, StoreError> {
        let most = self.store.0.options.response_bytes.min(MOST_BYTES);
        let kept = response.size() <= most;
        let entry = self.entry.with_response(response, kept);
        if self.store.write(&self.key, &entry, Expected::Is(revision)).await?.is_some() {
            self.store.0.dropped.fetch_add((!kept).into(), Ordering::Relaxed);
            return Ok(Ended::Done);
        }
        let found = self.store.read(&self.key).await?;
        let Some(entry) = found.map(|found| found.entry).filter(|it| it.run == self.entry.run)
        else {
            return Ok(Ended::Done);
        };
        Ok(match entry.progress(&self.key)? {
            Progress::Done(response) => Ended::Elsewhere(response),
            Progress::NotKept(_) => Ended::Done,
            Progress::Running(_) | Progress::GivenUp => Ended::Running,
        })
    }
}

impl Ending {
    /// Returns for how long a caller waits.
    fn patience(&self) -> Duration {
        match self {
            Self::Finish(_) => PATIENCE,
            Self::Forget | Self::GiveUp => Duration::ZERO,
        }
    }
}

fn is_unavailable(error: &StoreError) -> bool {
    matches!(error, StoreError::Shared(Unusable::Unavailable { .. }))
}
