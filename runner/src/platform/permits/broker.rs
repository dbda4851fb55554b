//! What borrows the permits of one tenant for this process, and returns them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::shares::{self, Share, Shares};
use super::{Account, Ledger, Standing};
use crate::store::process::Term;
use crate::store::{Entry, Expected, Revision, StoreError};

/// The time after which idle permits are returned, and the store is asked again by runs that wait.
const TICK: Duration = Duration::from_secs(1);

/// The permits that are borrowed at once while no other process wants any. A run then needs no
/// access to the store, unless there are more runs than before.
const BATCH: usize = 4;

/// The attempts at a change that other processes make, too, before the next turn.
const TRIES: usize = 8;

/// The permits are not known: the lease has ended, or the store cannot be reached.
struct Outage;

impl From<StoreError> for Outage {
    fn from(error: StoreError) -> Self {
        tracing::debug!(%error, "the permits of a tenant cannot be shared");
        Self
    }
}

/// Borrows and returns permits until `dropped`, then returns all.
pub(super) async fn work(ledger: Arc<Ledger>, dropped: CancellationToken) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_tick = tokio::select! {
            () = dropped.cancelled() => break,
            () = ledger.wake.notified() => false,
            _ = ticks.tick(), if ledger.is_busy() => true,
        };
        let settled = ledger.settle(is_tick).await;
        ledger.publish(settled);
    }
    ledger.forget_idle(usize::MAX);
    if let Err(error) = ledger.return_all().await {
        tracing::debug!(%error, "the permits of a tenant are returned with the lease");
    }
}

impl Ledger {
    /// Learns of the present entry.
    pub(super) fn heed(&self, entry: Option<&Entry>) {
        let mut account = self.account();
        match entry {
            Some(entry) => account.see(entry.revision, || read(entry)),
            None => account.seen = None,
        }
        drop(account);
        self.wake.notify_one();
    }

    /// Returns whether something changes with time.
    fn is_busy(&self) -> bool {
        let account = self.account();
        account.held > 0
            || account.is_listed
            || self.waiting.load(Ordering::Acquire) > 0
            || self.standing.borrow().outage.is_some()
    }

    /// Borrows what is wanted, and returns what is not. Returns the term in which that is good.
    async fn settle(&self, is_tick: bool) -> Result<Term, Outage> {
        let term = self.process.term().ok_or(Outage)?;
        if self.standing.borrow().term != Some(term) {
            // What was idle when the lease ended may be another's now.
            self.forget_idle(usize::MAX);
        }
        if is_tick {
            let idle = self.permits.available_permits();
            self.forget_idle(self.least_idle.swap(idle, Ordering::AcqRel));
        }
        // Whoever waits does not rely on being told, and an outage ends with an answer.
        let mut is_fresh = self.standing.borrow().outage.is_some()
            || (is_tick && self.waiting.load(Ordering::Acquire) > 0);
        let looks_for_dead = is_fresh;
        for _ in 0..TRIES {
            let (revision, mut shares) = self.shares(is_fresh).await?;
            let dead = if looks_for_dead { self.without_dead(&mut shares).await? } else { 0 };
            let before = shares.take(&self.share);
            let (own, taken) = self.divide(&shares, before);
            // After a lost lease the entry shows what was held before: equal, and yet to be taken.
            let same = taken == 0
                && (own.held, own.turn) == (before.held, before.turn)
                && (own.wanting == before.wanting || !is_tick);
            if same && dead == 0 {
                return Ok(term);
            }
            shares.put(&self.share, own);
            if let Some(revision) = self.write(revision, &shares).await? {
                let mut account = self.account();
                account.held = account.held.saturating_add(taken);
                account.is_listed = own.held > 0 || own.wanting > 0;
                account.see(revision, || shares);
                self.permits.add_permits(taken);
                return Ok(term);
            }
            is_fresh = true;
        }
        self.wake.notify_one();
        Ok(term)
    }

    /// Returns the shares of all processes, as the store has them or as they were last known.
    async fn shares(&self, is_fresh: bool) -> Result<(Option<Revision>, Shares), StoreError> {
        let seen = self.account().seen.clone();
        if let Some((revision, shares)) = seen.filter(|_| !is_fresh) {
            return Ok((Some(revision), shares));
        }
        let entry = self.process.store().get(&self.key).await?;
        Ok((
            entry.as_ref().map(|entry| entry.revision),
            entry.as_ref().map(read).unwrap_or_default(),
        ))
    }

    async fn write(
        &self,
        revision: Option<Revision>,
        shares: &Shares,
    ) -> Result<Option<Revision>, StoreError> {
        let expected = revision.map_or(Expected::Absent, Expected::Is);
        self.process.store().put(&self.key, shares.write(), expected, None).await
    }

    /// Takes out the shares of processes whose leases have ended; returns their number.
    async fn without_dead(&self, shares: &mut Shares) -> Result<usize, StoreError> {
        let mut dead = 0_usize;
        for name in shares.names() {
            if !self.process.is_alive(shares::process(&name)).await? {
                shares.take(&name);
                dead = dead.saturating_add(1);
            }
        }
        Ok(dead)
    }

    /// Forgets what is returned, and computes the new share, and how much of it is new.
    fn divide(&self, others: &Shares, before: Share) -> (Share, usize) {
        let limit = self.limit.load(Ordering::Acquire);
        let waiting = self.waiting.load(Ordering::Acquire);
        let surplus = others.surplus(limit, self.account().held);
        let returned = match waiting == 0 && others.is_wanted() {
            true => self.forget_idle(usize::MAX),
            false => self.forget_idle(surplus),
        };
        let mut account = self.account();
        account.owed = surplus.saturating_sub(returned);
        let wanting = waiting.saturating_sub(self.permits.available_permits());
        let last = others.last_turn();
        let turn = if before.wanting > 0 { before.turn } else { last };
        let own = Share { held: account.held, wanting, turn };
        let batch = if wanting > 0 && !others.is_wanted() { BATCH } else { 0 };
        let asked = Share { wanting: wanting.max(batch), ..own };
        let taken = others.available(limit, asked);
        let held = own.held.saturating_add(taken);
        let wanting = wanting.saturating_sub(taken);
        let turn = match (wanting, taken) {
            (0, _) => 0,
            (_, 0) => turn,
            _ => last,
        };
        (Share { held, wanting, turn }, taken)
    }

    /// Forgets idle permits, at most `count`; returns how many.
    fn forget_idle(&self, count: usize) -> usize {
        let mut account = self.account();
        let forgotten = self.permits.forget_permits(count);
        account.held = account.held.saturating_sub(forgotten);
        forgotten
    }

    /// Tells the waiting runs what is good now.
    fn publish(&self, settled: Result<Term, Outage>) {
        let used = self.used_in_outage.load(Ordering::Acquire);
        let used = used.saturating_add(self.account().held);
        let limit = self.limit.load(Ordering::Acquire);
        self.standing.send_modify(|standing| match settled {
            Ok(term) => {
                let before =
                    std::mem::replace(standing, Standing { term: Some(term), outage: None });
                if let Some(permits) = before.outage {
                    permits.close();
                }
            }
            Err(Outage) => {
                let permits = || Arc::new(Semaphore::new(limit.saturating_sub(used)));
                standing.outage.get_or_insert_with(permits);
            }
        });
    }

    /// Takes the share of this process out of the entry.
    async fn return_all(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let (revision, mut shares) = self.shares(true).await?;
            let share = shares.take(&self.share);
            if share == Share::default() || self.write(revision, &shares).await?.is_some() {
                break;
            }
        }
        Ok(())
    }
}

impl Account {
    /// Notes an entry, unless a newer one is known.
    fn see(&mut self, revision: Revision, shares: impl FnOnce() -> Shares) {
        if self.seen.as_ref().is_none_or(|(known, _)| *known < revision) {
            self.seen = Some((revision, shares()));
        }
    }
}

/// Returns the shares in an entry. One that is not understood counts as empty, and is replaced.
fn read(entry: &Entry) -> Shares {
    Shares::read(&entry.value).unwrap_or_default()
}
