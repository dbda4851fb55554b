//! The entries and the results of runs, with the limits of those of idempotency keys.

use std::sync::PoisonError;

use bytes::BytesMut;
use uuid::Uuid;

use super::Runs;
use super::entry::{RunEnd, RunEntry};
use crate::serve::idempotency::{Options, StoredResponse};
use crate::store::{Entry, Expected, Group, Key, Revision, StoreError};

/// The part of the keys of entries, and that of the pieces of results.
const STATE: &str = "state";
const RESULT: &str = "result";

/// The size of a piece of a result, in bytes: NATS takes values of up to 1 MiB.
const PIECE: usize = 512 << 10;

/// The number of a tenant's runs that are kept after their end.
const TENANT_RUNS: usize = 10_000;

/// How much is added to a tenant's results between two looks at their limits.
const LOOK_RUNS: usize = 64;
const LOOK_BYTES: u64 = 4 << 20;

/// What was added to a tenant's results since the last look at their limits.
#[derive(Default)]
pub(super) struct Added {
    runs: usize,
    bytes: u64,
}

impl Runs {
    /// Writes the entry of a run in the name of a new holder.
    pub(super) async fn claim(&self, entry: &mut RunEntry) -> Result<(), StoreError> {
        entry.revision = self.write(entry, Expected::Any).await?;
        Ok(())
    }

    /// Writes what is known of a run. Returns false if another one holds the run now.
    pub(super) async fn note(&self, entry: &mut RunEntry) -> Result<bool, StoreError> {
        let expected = entry.revision.map_or(Expected::Absent, Expected::Is);
        if let Some(revision) = self.write(entry, expected).await? {
            entry.revision = Some(revision);
            return Ok(true);
        }
        // An earlier write may have come through though it failed.
        let known = self.stored(&entry.tenant, entry.run).await?;
        let own = known.filter(|known| known.holder == entry.holder).and_then(|it| it.revision);
        let Some(own) = own else { return Ok(false) };
        entry.revision = self.write(entry, Expected::Is(own)).await?;
        Ok(entry.revision.is_some())
    }

    async fn write(
        &self,
        entry: &RunEntry,
        expected: Expected,
    ) -> Result<Option<Revision>, StoreError> {
        let value = serde_json::to_vec(entry).unwrap_or_default().into();
        let kept = Some(Options::default().kept);
        self.0.store.put(&state_key(entry), value, expected, kept).await
    }

    /// Writes the end of a run, after its result. Returns false if another one holds the run now.
    pub(super) async fn end(
        &self,
        entry: &mut RunEntry,
        kind: Option<&str>,
        response: &StoredResponse,
    ) -> Result<bool, StoreError> {
        let options = Options::default();
        let pieces = match response.size() <= options.response_bytes {
            false => None,
            true => {
                let pieces = response.body.chunks(PIECE).enumerate();
                for (number, piece) in pieces {
                    let piece = response.body.slice_ref(piece);
                    let key = result_key(entry, number);
                    self.0.store.put(&key, piece, Expected::Any, Some(options.kept)).await?;
                }
                Some(response.body.len().div_ceil(PIECE))
            }
        };
        entry.ended = Some(RunEnd::of(response, kind, pieces));
        if !self.note(entry).await? {
            return Ok(false);
        }
        self.tell_end(entry).await?;
        self.look(&entry.tenant, response.size()).await;
        Ok(true)
    }

    /// Returns what is known of a tenant's run.
    pub(super) async fn find(
        &self,
        tenant: &str,
        run: Uuid,
    ) -> Result<Option<RunEntry>, StoreError> {
        let mut entry = self.stored(tenant, run).await?;
        if let (Some(entry), Some(live)) = (&mut entry, self.live().get(&run)) {
            entry.update(&live.handle);
        }
        Ok(entry)
    }

    async fn stored(&self, tenant: &str, run: Uuid) -> Result<Option<RunEntry>, StoreError> {
        let key = Key::new(Group::Runs, &[STATE, tenant, &run.to_string()]);
        let stored = self.0.store.get(&key).await?;
        stored.map(|entry| read(&key, &entry)).transpose()
    }

    /// Returns what is known of a tenant's runs, the newest first.
    pub(super) async fn of_tenant(&self, tenant: &str) -> Result<Vec<RunEntry>, StoreError> {
        let stored = self.0.store.list(Group::Runs, &[STATE, tenant]).await?;
        let entries = stored.iter().rev().map(|(key, entry)| read(key, entry));
        let mut entries = entries.collect::<Result<Vec<RunEntry>, StoreError>>()?;
        let live = self.live();
        for entry in &mut entries {
            if let Some(live) = live.get(&entry.run) {
                entry.update(&live.handle);
            }
        }
        Ok(entries)
    }

    /// Returns the response of a run that has ended; `None` if it is not kept.
    pub(super) async fn response(
        &self,
        entry: &RunEntry,
        end: &RunEnd,
    ) -> Result<Option<StoredResponse>, StoreError> {
        let Some(pieces) = end.pieces else { return Ok(None) };
        let mut body = BytesMut::new();
        for number in 0..pieces {
            match self.0.store.get(&result_key(entry, number)).await? {
                Some(piece) => body.extend_from_slice(&piece.value),
                None => return Ok(None),
            }
        }
        Ok(end.response(body.freeze()))
    }

    /// Keeps a tenant's results within their limits, from time to time.
    async fn look(&self, tenant: &str, bytes: u64) {
        let is_due = {
            let mut added = self.0.added.lock().unwrap_or_else(PoisonError::into_inner);
            let added = added.entry(tenant.to_owned()).or_default();
            (added.runs, added.bytes) = (added.runs + 1, added.bytes.saturating_add(bytes));
            let is_due = added.runs >= LOOK_RUNS || added.bytes >= LOOK_BYTES;
            if is_due {
                *added = Added::default();
            }
            is_due
        };
        if is_due && let Err(error) = self.evict(tenant).await {
            tracing::warn!(tenant, %error, "results beyond the limits of a tenant stay");
        }
    }

    /// Removes the oldest results beyond the limits.
    async fn evict(&self, tenant: &str) -> Result<(), StoreError> {
        let mut bytes: u64 = 0;
        let entries = self.of_tenant(tenant).await?;
        let ended = entries.into_iter().filter(|entry| entry.ended.is_some());
        for (number, entry) in ended.enumerate() {
            let Some(end) = &entry.ended else { continue };
            let size = end.pieces.map_or(0, |_| end.bytes);
            let (is_beyond, is_too_much) = (
                number >= TENANT_RUNS,
                bytes.saturating_add(size) > Options::default().tenant_bytes,
            );
            if is_beyond || is_too_much && size > 0 {
                self.drop_result(&entry, end.pieces.unwrap_or_default()).await?;
            } else {
                bytes = bytes.saturating_add(size);
            }
            if is_beyond {
                self.remove(&state_key(&entry)).await?;
            }
        }
        Ok(())
    }

    /// Removes the pieces of a result, and notes that it is not kept.
    async fn drop_result(&self, entry: &RunEntry, pieces: usize) -> Result<(), StoreError> {
        let mut entry = entry.clone();
        if let Some(end) = &mut entry.ended {
            end.pieces = None;
        }
        self.note(&mut entry).await?;
        for piece in 0..pieces {
            self.remove(&result_key(&entry, piece)).await?;
        }
        Ok(())
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        if let Some(entry) = self.0.store.get(key).await? {
            self.0.store.remove(key, entry.revision).await?;
        }
        Ok(())
    }
}

fn state_key(entry: &RunEntry) -> Key {
    Key::new(Group::Runs, &[STATE, &entry.tenant, &entry.run.to_string()])
}

fn result_key(entry: &RunEntry, piece: usize) -> Key {
    let RunEntry { tenant, run, holder, .. } = entry;
    let [run, holder, piece] = [run.to_string(), holder.to_string(), piece.to_string()];
    Key::new(Group::Runs, &[RESULT, tenant, &run, &holder, &piece])
}

fn read(key: &Key, stored: &Entry) -> Result<RunEntry, StoreError> {
    let entry = serde_json::from_slice(&stored.value);
    let entry: RunEntry = entry.map_err(|error| StoreError::Damaged {
        place: "of runs".into(),
        key: key.as_str().to_owned(),
        reason: error.to_string(),
    })?;
    Ok(RunEntry { revision: Some(stored.revision), ..entry })
}
