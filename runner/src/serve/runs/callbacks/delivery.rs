//! An attempt to deliver a callback.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::due::Due;
use super::message::{body, signed};
use super::queue::Queue;
use crate::network::retry_after::retry_after;
use crate::serve::metrics::callback;
use crate::serve::service::Service;
use crate::store::{Change, Group, Revision, StoreError};

/// How long a process waits before it asks a store again that could not be read.
const AGAIN: Duration = Duration::from_secs(1);

/// The interval at which the callbacks are listed anew: one whose claim the store refused is due
/// still.
const LISTED: Duration = Duration::from_secs(60);

/// How long a receiver has.
const RECEIVER_TIME: Duration = Duration::from_secs(30);

/// Why a message was not delivered.
enum Undelivered {
    /// It may be later, after the time that the receiver asks for.
    Yet(String, Option<Duration>),
    /// The receiver is gone, by its own words.
    Ever(String),
}

/// Delivers the callbacks that are due, for as long as the process runs.
pub(in crate::serve) async fn deliver(service: Service) {
    loop {
        match watched(&service).await {
            Ok((queue, changes)) => deliver_all(&service, queue, changes).await,
            Err(error) => tracing::warn!(%error, "the callbacks that are due are not known"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Returns the callbacks that are due, and the changes from now on.
async fn watched(service: &Service) -> Result<(Queue, mpsc::Receiver<Change>), StoreError> {
    let store = &service.0.runs.0.store;
    let changes = store.watch(Group::Callbacks).await?;
    let mut queue = Queue::default();
    for (key, entry) in store.list(Group::Callbacks, &[]).await? {
        queue.take(Change { key, entry: Some(entry) });
    }
    Ok((queue, changes))
}

/// Delivers callbacks until it is time to list them anew, or the store can no longer tell of
/// changes.
async fn deliver_all(service: &Service, mut queue: Queue, mut changes: mpsc::Receiver<Change>) {
    let end = Instant::now() + LISTED;
    while Instant::now() < end {
        while let Some((due, revision)) = queue.pop(Timestamp::now()) {
            let service = service.clone();
            tokio::spawn(async move { service.attempt(due, revision).await });
        }
        let left = queue.next().map(|at| at.duration_since(Timestamp::now()));
        let left = left.and_then(|left| left.try_into().ok()).unwrap_or(AGAIN);
        match timeout(left.min(LISTED), changes.recv()).await {
            Ok(Some(change)) => queue.take(change),
            Ok(None) => return,
            Err(_) => {}
        }
    }
}

impl Service {
    /// Tries to deliver a callback, unless another process does.
    async fn attempt(&self, due: Due, revision: Revision) {
        let turns = Arc::clone(&self.0.runs.0.callbacks.turns);
        // The semaphore is never closed.
        let _turn = turns.acquire_owned().await;
        let (run, tenant) = (due.run, due.tenant.clone());
        if let Err(error) = self.claim_and_send(due, revision).await {
            tracing::warn!(%run, tenant, %error, "the store does not keep what became of a callback");
        }
    }

    async fn claim_and_send(&self, due: Due, revision: Revision) -> Result<(), StoreError> {
        let runs = &self.0.runs;
        let Some((due, revision)) = runs.claim_due(due, revision).await? else { return Ok(()) };
        let (run, tenant) = (due.run, due.tenant.clone());
        let (failed, again) = match self.send(&due).await? {
            Ok(()) => (None, None),
            Err(Undelivered::Yet(reason, asked)) => (Some(reason), due.clone().again(asked)),
            Err(Undelivered::Ever(reason)) => (Some(reason), None),
        };
        let kept = match &again {
            Some(again) => runs.put_off(again, revision).await,
            None => runs.called_back(&due, revision).await,
        };
        // Counted after the store was told: whoever sees the count may end the process.
        let (counts, attempts) = (&self.0.metrics.callbacks, due.attempts);
        match (failed, again) {
            (None, _) => counts.count(&tenant, callback::DELIVERED),
            (Some(reason), Some(again)) => {
                counts.count(&tenant, callback::FAILED);
                tracing::warn!(%run, tenant, attempts, reason, again = %again.at, "a callback failed");
            }
            (Some(reason), None) => {
                counts.count(&tenant, callback::FAILED);
                counts.count(&tenant, callback::GIVEN_UP);
                tracing::error!(%run, tenant, attempts, reason, "a callback was given up");
            }
        }
        kept
    }

    /// Sends the message about a run.
    async fn send(&self, due: &Due) -> Result<Result<(), Undelivered>, StoreError> {
        let runs = &self.0.runs;
        let Some((callback, client)) = runs.0.callbacks.of(&due.tenant) else {
            return Ok(Err(Undelivered::Ever("the tenant has no callback any more".to_owned())));
        };
        let entry = runs.find(&due.tenant, due.run).await?;
        let Some((entry, end)) = entry.and_then(|entry| Some((entry.clone(), entry.ended?))) else {
            return Ok(Err(Undelivered::Ever("the run is not known any more".to_owned())));
        };
        let response = runs.response(&entry, &end).await?;
        let body = body(&entry, response.as_ref());
        let key = match callback.key() {
            Ok(key) => key,
            Err(error) => {
                let reason = format!("{error}. {}", error.fix());
                return Ok(Err(Undelivered::Yet(reason, None)));
            }
        };
        let Some(request) = signed(&callback.url, due.run, body, &key) else {
            return Ok(Err(Undelivered::Yet("it cannot be signed".to_owned(), None)));
        };
        Ok(match timeout(RECEIVER_TIME, client.send(request)).await {
            Err(_) => Err(Undelivered::Yet("the receiver did not answer in time".to_owned(), None)),
            Ok(Err(fault)) => Err(Undelivered::Yet(fault.message, None)),
            Ok(Ok(response)) => {
                let (status, asked) = (response.status(), retry_after(response.headers()));
                let reason = format!("the receiver answered with status {}", status.as_u16());
                match status {
                    status if status.is_success() => Ok(()),
                    StatusCode::GONE => Err(Undelivered::Ever(reason)),
                    _ => Err(Undelivered::Yet(reason, asked)),
                }
            }
        })
    }
}
