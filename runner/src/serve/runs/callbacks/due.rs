//! The callbacks that are due, as the store has them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::serve::runs::Runs;
use crate::serve::runs::entry::RunEntry;
use crate::store::{Expected, Group, Key, Revision, StoreError};

/// The times between two attempts: a day together.
const DELAYS: [Duration; 10] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(4 * 60 * 60),
    Duration::from_secs(8 * 60 * 60),
    Duration::from_secs(8 * 60 * 60),
];

/// The longest time that a receiver may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

/// How long the process that has claimed a callback has for its attempt.
const CLAIMED: Duration = Duration::from_secs(120);

/// How long an entry stays at most: longer than all attempts.
const KEPT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A callback that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Due {
    pub tenant: String,
    pub run: Uuid,
    /// The number of attempts that were begun.
    pub attempts: usize,
    /// When the next attempt is due.
    pub at: Timestamp,
}

impl Due {
    fn key(&self) -> Key {
        Key::new(Group::Callbacks, &[&self.tenant, &self.run.to_string()])
    }

    /// Returns the callback when its attempt has failed; `None` if there are no more attempts.
    /// The receiver may ask for more time.
    pub fn again(self, asked: Option<Duration>) -> Option<Self> {
        let delay = *DELAYS.get(self.attempts.saturating_sub(1))?;
        Some(self.after(delay.max(asked.unwrap_or_default().min(LONGEST_ASKED))))
    }

    fn after(self, delay: Duration) -> Self {
        let at = Timestamp::now().saturating_add(delay).unwrap_or(Timestamp::MAX);
        Self { at, ..self }
    }
}

impl Runs {
    /// Notes that the tenant of a run is to be told of its end, if the tenant has a callback.
    pub(in crate::serve::runs) async fn tell_end(
        &self,
        entry: &RunEntry,
    ) -> Result<(), StoreError> {
        if !self.0.callbacks.has(&entry.tenant) {
            return Ok(());
        }
        let (tenant, run) = (entry.tenant.clone(), entry.run);
        let due = Due { tenant, run, attempts: 0, at: Timestamp::now() };
        self.write_due(&due, Expected::Absent).await?;
        Ok(())
    }

    /// Claims a callback for an attempt; `None` if another process has.
    pub(super) async fn claim_due(
        &self,
        due: Due,
        revision: Revision,
    ) -> Result<Option<(Due, Revision)>, StoreError> {
        let attempts = due.attempts.saturating_add(1);
        let claimed = Due { attempts, ..due }.after(CLAIMED);
        let revision = self.write_due(&claimed, Expected::Is(revision)).await?;
        Ok(revision.map(|revision| (claimed, revision)))
    }

    /// Writes when a claimed callback is due again.
    pub(super) async fn put_off(&self, due: &Due, revision: Revision) -> Result<(), StoreError> {
        self.write_due(due, Expected::Is(revision)).await?;
        Ok(())
    }

    /// Removes a callback.
    pub(super) async fn called_back(
        &self,
        due: &Due,
        revision: Revision,
    ) -> Result<(), StoreError> {
        self.0.store.remove(&due.key(), revision).await?;
        Ok(())
    }

    async fn write_due(
        &self,
        due: &Due,
        expected: Expected,
    ) -> Result<Option<Revision>, StoreError> {
        let value = serde_json::to_vec(due).unwrap_or_default().into();
        self.0.store.put(&due.key(), value, expected, Some(KEPT)).await
    }
}
