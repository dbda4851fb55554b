//! The permits of tenants across the processes that share a store.
//!
//! A process borrows permits of a tenant in small batches, and its runs use them without asking the
//! store. It returns those that are idle for a second, or at once where another process wants some.
//! What is borrowed is good for as long as the lease of the process.
//!
//! While the store cannot be reached, runs that may change something wait, and those that only read
//! go on within the limit of the tenant, of which each process then has its own.
//!
//! - `shares`: what each process has
//! - `broker`: borrows and returns

mod broker;
mod shares;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::store::process::{Process, Term};
use crate::store::{Change, Group, Key, Revision, follow};
use shares::Shares;

type Tenants = Mutex<HashMap<Key, Weak<Borrowed>>>;

/// The permits of all tenants.
#[derive(Debug)]
pub(super) struct Sharing {
    process: Process,
    tenants: Arc<Tenants>,
    /// The number of shares so far. A tenant that is removed and registered again has two.
    count: AtomicUsize,
    /// Ends what follows the other processes.
    _following: DropGuard,
}

/// The permits of one tenant in this process.
#[derive(Debug)]
pub(super) struct Borrowed {
    ledger: Arc<Ledger>,
    /// Returns what is held, and ends the broker.
    _broker: DropGuard,
}

/// What is borrowed.
struct Ledger {
    process: Process,
    /// The key of the entry with the shares.
    key: Key,
    /// The name of this process's share in it.
    share: String,
    /// The permits that are borrowed.
    permits: Arc<Semaphore>,
    limit: AtomicUsize,
    /// The number of runs that wait for a permit.
    waiting: AtomicUsize,
    /// The fewest permits that were idle since the broker last looked.
    least_idle: AtomicUsize,
    /// The number of permits of outages that are in use.
    used_in_outage: AtomicUsize,
    /// Wakes the broker.
    wake: Notify,
    account: Mutex<Account>,
    standing: watch::Sender<Standing>,
}

#[derive(Debug, Default)]
struct Account {
    /// The number of permits that are held, in use or not.
    held: usize,
    /// How many of them are returned as soon as their runs end.
    owed: usize,
    /// Whether the entry has a share of this process.
    is_listed: bool,
    /// The newest entry that is known.
    seen: Option<(Revision, Shares)>,
}

/// Which permits may be used.
#[derive(Clone, Debug, Default)]
struct Standing {
    /// The term of the lease in which permits were borrowed.
    term: Option<Term>,
    /// Permits for runs that only read, while the store cannot be reached; closed at its end.
    outage: Option<Arc<Semaphore>>,
}

/// The permit of a run.
#[derive(Debug)]
pub(super) struct Lent {
    permit: Option<OwnedSemaphorePermit>,
    /// Where it comes from, which stays as long.
    borrowed: Arc<Borrowed>,
    is_of_outage: bool,
}

impl Sharing {
    /// Shares permits with the other processes. Must be called within a runtime.
    pub fn new(process: Process) -> Self {
        let tenants = Arc::<Tenants>::default();
        let stopped = CancellationToken::new();
        let told = Arc::clone(&tenants);
        let changed = move |change: Change| tell(&told, change);
        let store = Arc::clone(process.store());
        tokio::spawn(follow(store, Group::Permits, stopped.clone(), changed));
        Self { process, tenants, count: AtomicUsize::new(0), _following: stopped.drop_guard() }
    }

    /// Returns the permits of a tenant, which has this limit from now on.
    pub fn borrowed(&self, tenant: &str, limit: usize) -> Arc<Borrowed> {
        let key = Key::new(Group::Permits, &[tenant]);
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(borrowed) = tenants.get(&key).and_then(Weak::upgrade) {
            borrowed.ledger.limit.store(limit, Ordering::Release);
            borrowed.ledger.wake.notify_one();
            return borrowed;
        }
        tenants.retain(|_, borrowed| borrowed.strong_count() > 0);
        let number = self.count.fetch_add(1, Ordering::AcqRel);
        let share = shares::name(self.process.id(), number);
        let borrowed = Arc::new(Borrowed::new(self.process.clone(), key.clone(), share, limit));
        tenants.insert(key, Arc::downgrade(&borrowed));
        borrowed
    }
}

/// Tells a tenant of a changed entry.
fn tell(tenants: &Tenants, change: Change) {
    let tenants = tenants.lock().unwrap_or_else(PoisonError::into_inner);
    let borrowed = tenants.get(&change.key).and_then(Weak::upgrade);
    drop(tenants);
    if let Some(borrowed) = borrowed {
        borrowed.ledger.heed(change.entry.as_ref());
    }
}

impl Borrowed {
    fn new(process: Process, key: Key, share: String, limit: usize) -> Self {
        let ledger = Arc::new(Ledger {
            process,
            key,
            share,
            permits: Arc::new(Semaphore::new(0)),
            limit: AtomicUsize::new(limit),
            waiting: AtomicUsize::new(0),
            least_idle: AtomicUsize::new(0),
            used_in_outage: AtomicUsize::new(0),
            wake: Notify::new(),
            account: Mutex::default(),
            standing: watch::Sender::default(),
        });
        let dropped = CancellationToken::new();
        tokio::spawn(broker::work(Arc::clone(&ledger), dropped.clone()));
        Self { ledger, _broker: dropped.drop_guard() }
    }

    /// Waits for a permit.
    pub async fn permit(self: &Arc<Self>, may_change: bool) -> Lent {
        let ledger = &self.ledger;
        let free = Arc::clone(&ledger.permits).try_acquire_owned().ok();
        let lent = |permit, is_of_outage| {
            let borrowed = Arc::clone(self);
            Lent { permit, borrowed, is_of_outage }
        };
        let permit = match free.filter(|_| ledger.is_good()) {
            Some(permit) => Some(permit),
            None => {
                let _waiting = ledger.wait();
                tokio::select! {
                    permit = ledger.borrow() => permit,
                    permit = ledger.outage(), if !may_change => {
                        ledger.used_in_outage.fetch_add(1, Ordering::AcqRel);
                        return lent(permit, true);
                    }
                }
            }
        };
        let left = ledger.permits.available_permits();
        ledger.least_idle.fetch_min(left, Ordering::AcqRel);
        lent(permit, false)
    }
}

impl Ledger {
    /// Counts a waiting run, until the returned value is dropped.
    fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
        Waiting(self)
    }

    /// Waits for a borrowed permit. The semaphore is never closed.
    async fn borrow(&self) -> Option<OwnedSemaphorePermit> {
        let mut standing = self.standing.subscribe();
        loop {
            standing.mark_unchanged();
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
            if self.is_good() {
                return permit;
            }
            drop(permit);
            self.wake.notify_one();
            // The sender lives as long as this.
            let _ = standing.changed().await;
        }
    }

    /// Waits for a permit of an outage.
    async fn outage(&self) -> Option<OwnedSemaphorePermit> {
        let mut standing = self.standing.subscribe();
        loop {
            let begun = standing.wait_for(|standing| standing.outage.is_some()).await;
            // The sender lives as long as this.
            let permits = begun.ok().and_then(|standing| standing.outage.clone())?;
            if let Ok(permit) = permits.acquire_owned().await {
                return Some(permit);
            }
        }
    }

    /// Returns whether the permits were borrowed under the lease that this process holds.
    fn is_good(&self) -> bool {
        let term = self.process.term();
        term.is_some() && term == self.standing.borrow().term
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A waiting run.
struct Waiting<'a>(&'a Ledger);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let ledger = &self.borrowed.ledger;
        if self.is_of_outage {
            ledger.used_in_outage.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        let Some(permit) = self.permit.take() else { return };
        let mut account = ledger.account();
        if account.owed > 0 {
            account.owed = account.owed.saturating_sub(1);
            account.held = account.held.saturating_sub(1);
            permit.forget();
            ledger.wake.notify_one();
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("key", &self.key).finish_non_exhaustive()
    }
}
