//! The lock of an entry: one process at a time renews tokens.
//!
//! The lock is an entry of its own, which its holder renews. It ends by itself when its holder is
//! gone or asleep, so that it does not show that nobody else has changed the tokens: what is stored
//! also needs the revision that was read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::connections::tokens::store::StoreError;
use crate::store::process::{LEASE, RENEWAL};
use crate::store::{Expected, Key, Revision, Store};

/// The time limit for acquiring a lock: longer than a sign-in takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// The interval at which a lock is tried.
const INTERVAL: Duration = Duration::from_millis(150);

/// A lock, until it is dropped.
pub struct EntryLock {
    _released: DropGuard,
}

impl EntryLock {
    /// Waits for the lock that is the entry `key`, and acquires it.
    pub async fn acquire(store: &Arc<dyn Store>, key: &Key) -> Result<Self, StoreError> {
        // The store tells a lost acknowledgement from the lock of another by the value.
        let value = Bytes::from(Uuid::now_v7().simple().to_string());
        let began = Instant::now();
        loop {
            let acquired = store.put(key, value.clone(), Expected::Absent, Some(LEASE)).await?;
            if let Some(revision) = acquired {
                let released = CancellationToken::new();
                let lock = Held { store: Arc::clone(store), key: key.clone(), value, revision };
                tokio::spawn(lock.hold(released.clone()));
                return Ok(Self { _released: released.drop_guard() });
            }
            if began.elapsed() > PATIENCE {
                return Err(StoreError::Renewing);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// A lock that this process holds.
struct Held {
    store: Arc<dyn Store>,
    key: Key,
    value: Bytes,
    revision: Revision,
}

impl Held {
    /// Renews the lock until it is released or lost, and removes it.
    async fn hold(mut self, released: CancellationToken) {
        while released.run_until_cancelled(tokio::time::sleep(RENEWAL)).await.is_some() {
            let expected = Expected::Is(self.revision);
            match self.store.put(&self.key, self.value.clone(), expected, Some(LEASE)).await {
                Ok(Some(revision)) => self.revision = revision,
                Ok(None) => return,
                Err(error) => tracing::debug!(%error, "a lock of tokens is not renewed"),
            }
        }
        if let Err(error) = self.store.remove(&self.key, self.revision).await {
            tracing::debug!(%error, "a lock of tokens ends by itself");
        }
    }
}
