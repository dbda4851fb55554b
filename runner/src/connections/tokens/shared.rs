//! Tokens in a store that processes share.
//!
//! What another process has stored is never overwritten unseen: each change needs the revision that
//! was read. Of two changes, the newer tokens stay.
//!
//! - [`lock`]: one process at a time renews tokens

pub mod lock;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::local::Local;
use super::store::StoreError;
use super::stored::{Key, Seen, Stored};
use crate::store::{self, Entry, Group, Store};
use lock::EntryLock;

/// The last part of the key of a lock.
const RENEWING: &str = "renewing";

/// The attempts at a change that other processes make, too.
const TRIES: usize = 8;

/// How long new tokens wait for a store that is away.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time between attempts to store new tokens.
const INTERVAL: Duration = Duration::from_millis(250);

/// The tokens of one key in a store that processes share.
pub struct Shared {
    key: Key,
    store: Arc<dyn Store>,
    entry: store::Key,
    lock: store::Key,
    /// Where a user signs in on this machine, and where new tokens are kept while the store is
    /// away; `None` if there is no place.
    local: Option<Local>,
    /// Whether the next run can sign in without these tokens.
    can_do_without: bool,
}

impl Shared {
    /// Opens the tokens of `key` in a store.
    pub fn new(
        store: Arc<dyn Store>,
        key: Key,
        local: Option<Local>,
        can_do_without: bool,
    ) -> Self {
        let name = key.name();
        let entry = store::Key::new(Group::Tokens, &[&name]);
        let lock = store::Key::new(Group::Tokens, &[&name, RENEWING]);
        Self { key, store, entry, lock, local, can_do_without }
    }

    /// Locks the tokens among the processes that share the store.
    pub async fn lock(&self) -> Result<EntryLock, StoreError> {
        EntryLock::acquire(&self.store, &self.lock).await
    }

    /// Reads the tokens. Those of a later sign-in on this machine are stored and returned in their
    /// place. The warnings report what is wrong with those of this machine.
    pub async fn load(&self) -> Result<(Stored, Vec<String>), StoreError> {
        let (login, warnings) = self.login().await;
        for _ in 0..TRIES {
            let stored = self.read().await?;
            let is_first = stored.seen.revision.is_none();
            let newer = login.clone().filter(|login| is_first || login.issue > stored.issue);
            let Some(mut login) = newer else { return Ok((stored, warnings)) };
            login.stand_on(stored);
            if self.put(&mut login).await? {
                return Ok((login, warnings));
            }
        }
        Err(StoreError::Outdated)
    }

    /// Stores the tokens. New ones, which may be all that is left of a code or a refresh token, wait
    /// for the store, and are kept on this machine if it does not come back.
    pub async fn save(&self, stored: &mut Stored) -> Result<(), StoreError> {
        let must_keep = stored.is_new() && !self.can_do_without;
        let began = Instant::now();
        loop {
            let saved = self.replace(stored).await;
            match &saved {
                Err(StoreError::Shared(store::StoreError::Unavailable { .. }))
                    if must_keep && began.elapsed() < PATIENCE =>
                {
                    tokio::time::sleep(INTERVAL).await;
                }
                Err(StoreError::Shared(_)) if must_keep => {
                    self.keep_on_this_machine(stored).await;
                    return saved;
                }
                _ => return saved,
            }
        }
    }

    /// Replaces what was read, and what another process has stored since then if it is older. A
    /// process that was asleep has perhaps the only refresh token that works.
    async fn replace(&self, stored: &mut Stored) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            if self.put(stored).await? {
                return Ok(());
            }
            let current = self.read().await?;
            if current.issue >= stored.issue {
                break;
            }
            stored.stand_on(current);
        }
        Err(StoreError::Outdated)
    }

    /// Returns what the store has.
    async fn read(&self) -> Result<Stored, StoreError> {
        let Some(Entry { value, revision }) = self.store.get(&self.entry).await? else {
            return Ok(Stored::default());
        };
        let mut stored = Stored::read(&value, &self.key)
            .ok_or_else(|| StoreError::Entry(self.entry.as_str().to_owned()))?;
        stored.seen = Seen { revision: Some(revision), issue: stored.issue };
        Ok(stored)
    }

    /// Stores the tokens if the entry is the one that was seen; returns whether it was.
    async fn put(&self, stored: &mut Stored) -> Result<bool, StoreError> {
        let value = stored
            .write(&self.key, false)
            .map_err(|_| StoreError::Entry(self.entry.as_str().to_owned()))?;
        let (value, expected) = (Bytes::from_owner(value), stored.seen.expected());
        let Some(revision) = self.store.put(&self.entry, value, expected, None).await? else {
            return Ok(false);
        };
        stored.seen = Seen { revision: Some(revision), issue: stored.issue };
        Ok(true)
    }

    /// Returns the tokens of this machine, and what is wrong with them.
    async fn login(&self) -> (Option<Stored>, Vec<String>) {
        let Some(local) = &self.local else { return (None, Vec::new()) };
        match local.load().await {
            Ok((stored, warnings)) => (Some(stored).filter(Stored::has_any), warnings),
            Err(error) => (None, vec![format!("{error}. {}", error.fix())]),
        }
    }

    /// Keeps new tokens on this machine, from which they are loaded when the store is back.
    async fn keep_on_this_machine(&self, stored: &Stored) {
        let Some(local) = &self.local else {
            tracing::error!("a new refresh token is lost, as it could not be stored");
            return;
        };
        let kept = async {
            let _lock = local.lock().await?;
            let (before, _) = local.load().await?;
            if before.issue < stored.issue { local.save(stored).await } else { Ok(()) }
        };
        match kept.await {
            Ok(()) => tracing::warn!(
                "a new refresh token is kept on this machine until the store can be used"
            ),
            Err(error) => {
                let fix = error.fix();
                tracing::error!(%error, fix, "a new refresh token is lost, as it could not be stored");
            }
        }
    }
}
