//! The runs that are to be cancelled. Any process takes the wish, and the one that runs it carries
//! it out.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::{Inner, Runs};
use crate::serve::idempotency::Options;
use crate::store::{Change, Expected, Group, Key, StoreError};

/// How long a process waits before it watches a store again that could not tell.
const AGAIN: Duration = Duration::from_secs(1);

impl Runs {
    /// Asks the process that runs it to cancel a run.
    pub(super) async fn ask_to_cancel(&self, run: Uuid) -> Result<(), StoreError> {
        let kept = Some(Options::default().kept);
        self.0.store.put(&key(run), Bytes::new(), Expected::Any, kept).await?;
        Ok(())
    }

    /// Returns whether a run is to be cancelled.
    pub(super) async fn is_to_be_cancelled(&self, run: Uuid) -> Result<bool, StoreError> {
        Ok(self.0.store.get(&key(run)).await?.is_some())
    }

    /// Cancels runs of this process as soon as the store tells of them.
    pub(super) fn watch(&self) {
        tokio::spawn(watch(Arc::downgrade(&self.0)));
    }

    /// Cancels a run, if it is one of this process.
    fn cancel_here(&self, key: &Key) {
        let run = key.last_part().and_then(|run| run.parse().ok());
        if let Some(live) = run.and_then(|run: Uuid| Some(self.live().get(&run)?.handle.clone())) {
            live.cancel();
        }
    }
}

/// Watches the store for as long as there are runs.
async fn watch(runs: Weak<Inner>) {
    while let Some(inner) = runs.upgrade() {
        let known = Runs(inner);
        let changes = known.0.store.watch(Group::Cancelled).await;
        // What came before.
        for (key, _) in known.0.store.list(Group::Cancelled, &[]).await.unwrap_or_default() {
            known.cancel_here(&key);
        }
        drop(known);
        match changes {
            Ok(mut changes) => {
                while let Some(Change { key, entry }) = changes.recv().await {
                    let Some(inner) = runs.upgrade() else { return };
                    if entry.is_some() {
                        Runs(inner).cancel_here(&key);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "cancelled runs are not told"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn key(run: Uuid) -> Key {
    Key::new(Group::Cancelled, &[&run.to_string()])
}
