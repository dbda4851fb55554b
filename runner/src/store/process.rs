//! This process among those that share a store: its lease.
//!
//! What a process holds, it holds as long as its lease. The others see that a lease has ended by
//! the clock of the store, and the process itself by its own, earlier: it counts from before the
//! request that has renewed the lease.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Expected, Group, Key, Store, StoreError};

/// The time for which a lease is held.
pub const LEASE: Duration = Duration::from_secs(10);

/// The time between renewals of what is held as long as a lease.
pub const RENEWAL: Duration = Duration::from_secs(2);

/// The part of a lease that the process does not use: clocks run at different speeds.
const MARGIN: Duration = Duration::from_secs(1);

/// This process. Clones share its lease, which ends with the last one.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

struct Inner {
    id: String,
    store: Arc<dyn Store>,
    held: Mutex<Held>,
    renewed: watch::Sender<u64>,
    stopped: CancellationToken,
}

/// A lease.
#[derive(Clone, Copy, Debug)]
struct Held {
    until: Instant,
    term: Term,
}

/// The number of times that the lease was lost. What was held in an earlier term may be another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(u64);

impl Process {
    /// Joins the processes that share a store, under an id of its own.
    ///
    /// # Errors
    /// Fails when the lease cannot be written.
    pub async fn join(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let held = Mutex::new(Held { until: Instant::now(), term: Term(0) });
        let (renewed, _) = watch::channel(0);
        let id = Uuid::now_v7().simple().to_string();
        let stopped = CancellationToken::new();
        let process = Self(Arc::new(Inner { id, store, held, renewed, stopped }));
        process.0.renew().await?;
        tokio::spawn(renew_again(Arc::downgrade(&process.0), process.0.stopped.clone()));
        Ok(process)
    }

    /// Returns the id, which no other process has, nor this one when it starts again.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// Returns the current term; `None` while the lease has ended.
    pub fn term(&self) -> Option<Term> {
        let held = *self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        (Instant::now() < held.until).then_some(held.term)
    }

    /// Waits until the lease is held, and returns the term.
    pub async fn held(&self) -> Term {
        let mut renewed = self.0.renewed.subscribe();
        loop {
            if let Some(term) = self.term() {
                return term;
            }
            // The sender lives as long as this.
            let _ = renewed.changed().await;
        }
    }

    /// Returns whether a process holds its lease.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    pub async fn is_alive(&self, id: &str) -> Result<bool, StoreError> {
        if id == self.0.id {
            return Ok(true);
        }
        Ok(self.0.store.get(&key(id)).await?.is_some())
    }

    /// Gives up the lease, so that others take over at once.
    pub async fn leave(&self) {
        self.0.stopped.cancel();
        let key = key(&self.0.id);
        let removed = async {
            if let Some(entry) = self.0.store.get(&key).await? {
                self.0.store.remove(&key, entry.revision).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = removed.await {
            tracing::warn!(%error, "the lease of this process ends by itself");
        }
    }
}

impl Inner {
    async fn renew(&self) -> Result<(), StoreError> {
        let sent = Instant::now();
        let value = Bytes::from_static(b"{}");
        self.store.put(&key(&self.id), value, Expected::Any, Some(LEASE)).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= held.until {
            held.term = Term(held.term.0.saturating_add(1));
        }
        held.until = sent.checked_add(LEASE.saturating_sub(MARGIN)).unwrap_or(sent);
        drop(held);
        self.renewed.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }
}

/// Renews a lease until its process ends or leaves.
async fn renew_again(process: std::sync::Weak<Inner>, stopped: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEWAL) => {}
            () = stopped.cancelled() => return,
        }
        let Some(process) = process.upgrade() else { return };
        if let Err(error) = process.renew().await {
            tracing::warn!(%error, "the lease of this process is not renewed");
        }
    }
}

/// Returns the key of a lease.
fn key(id: &str) -> Key {
    Key::new(Group::Processes, &[id])
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("id", &self.0.id).finish_non_exhaustive()
    }
}
