//! The store of many processes.
//!
//! Each key has one entry, which changes only from what its author has seen. It names the run and
//! the process that runs it. A repeat looks at it until it has a response. When the process dies, a
//! run that has sent no write is closed, and the repeat takes the key; any other run is resumed by
//! a process, which [adopts](super::ResponseStore::adopt) the key.
//!
//! - `pending`: the decisions on attempts
//! - `reservation`: reservations of keys
//! - `entry`: the entries of keys
//! - `counts`: how many keys this process has begun lately
//! - `pause`: the pauses between looks at an entry of another

mod counts;
mod entry;
mod pause;
mod pending;
mod reservation;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::digest::{Digest, DigestKey};
use super::{Attempt, Begun, Options, StoreError};
use crate::run::host::digest;
use crate::store::process::Process;
use crate::store::{Expected, Group, Key, Orphans, Revision};

use counts::Counts;
use entry::{Entry, damaged};
use pending::Pending;
use reservation::Held;

pub use reservation::Reservation;

/// The largest response in an entry, in bytes. A message of NATS has 1 MiB, and Base64 takes a
/// third more.
const MOST_BYTES: u64 = 512 << 10;

/// The store of many processes. Clones refer to the same one.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    process: Process,
    orphans: Arc<dyn Orphans>,
    options: Options,
    secret: DigestKey,
    counts: Counts,
    dropped: AtomicU64,
    commits: AtomicU64,
}

/// An entry, and its revision.
struct Found {
    entry: Entry,
    revision: Revision,
}

impl Shared {
    /// Opens the store of a process.
    pub async fn open(
        process: Process,
        orphans: Arc<dyn Orphans>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let secret = digest_key(&process).await?;
        let counts = Counts::new(&options);
        let (dropped, commits) = (AtomicU64::new(0), AtomicU64::new(0));
        let inner = Inner { process, orphans, options, secret, counts, dropped, commits };
        Ok(Self(Arc::new(inner)))
    }

    /// Decides on an attempt.
    pub async fn begin(&self, attempt: Attempt<'_>) -> Result<Begun, StoreError> {
        let pending = Pending {
            store: self.clone(),
            key: key(attempt.tenant, &digest(attempt.key.as_str())),
            tenant: attempt.tenant.into(),
            digest: Digest::of(&self.0.secret, &attempt),
            run: attempt.run,
            harmless: attempt.harmless,
        };
        let (reply, decided) = oneshot::channel();
        // A task, so that nothing is left half done when the caller no longer waits.
        tokio::spawn(pending.decide(reply));
        let ended = || StoreError::Machine("the task that stores them has ended".into());
        decided.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Takes the key of a run over.
    pub async fn adopt(
        &self,
        tenant: &str,
        key_digest: &str,
        run: Uuid,
    ) -> Result<Option<super::Reservation>, StoreError> {
        let key = key(tenant, key_digest);
        loop {
            let Some(Found { entry, revision }) = self.read(&key).await? else { return Ok(None) };
            if entry.run != run || entry.has_response() {
                return Ok(None);
            }
            let entry = entry.of_process(Some(self.0.process.id()));
            if let Some(revision) = self.write(&key, &entry, Expected::Is(revision)).await? {
                let held = Held { store: self.clone(), tenant: tenant.into(), key, entry };
                return Ok(Some(Reservation::new(held, revision).into()));
            }
        }
    }

    /// Returns whether the last access succeeded.
    pub fn healthy(&self) -> bool {
        self.0.process.store().is_healthy()
    }

    /// Returns the number of responses that were too large.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Returns the number of entries that were written or removed.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    async fn read(&self, key: &Key) -> Result<Option<Found>, StoreError> {
        let Some(found) = self.0.process.store().get(key).await? else { return Ok(None) };
        let entry = Entry::read(key, &found.value)?;
        Ok(Some(Found { entry, revision: found.revision }))
    }

    /// Writes an entry; `None` if it is not the expected one.
    async fn write(
        &self,
        key: &Key,
        entry: &Entry,
        expected: Expected,
    ) -> Result<Option<Revision>, StoreError> {
        let (value, kept) = (entry.value(key)?, Some(self.0.options.kept));
        let written = self.0.process.store().put(key, value, expected, kept).await?;
        self.0.commits.fetch_add(written.is_some().into(), Ordering::Relaxed);
        Ok(written)
    }

    /// Removes an entry, if it is the expected one.
    async fn remove(&self, key: &Key, expected: Revision) -> Result<(), StoreError> {
        let removed = self.0.process.store().remove(key, expected).await?;
        self.0.commits.fetch_add(removed.into(), Ordering::Relaxed);
        Ok(())
    }
}

/// Returns the key of an entry.
fn key(tenant: &str, key_digest: &str) -> Key {
    Key::new(Group::Keys, &[tenant, key_digest])
}

/// Returns the key of the digests, which the first process has made.
async fn digest_key(process: &Process) -> Result<DigestKey, StoreError> {
    let key = Key::new(Group::About, &["digest-key"]);
    let mut secret = DigestKey::default();
    getrandom::fill(&mut secret).map_err(|error| StoreError::Machine(error.to_string().into()))?;
    let value = Bytes::copy_from_slice(&secret);
    if process.store().put(&key, value, Expected::Absent, None).await?.is_some() {
        return Ok(secret);
    }
    let found = process.store().get(&key).await?.map(|entry| entry.value).unwrap_or_default();
    DigestKey::try_from(&*found).map_err(|error| damaged(&key, &error))
}
