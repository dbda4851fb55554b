//! What the processes that share a store learn of each other's throttling.
//!
//! An entry says until when a part of a gate is closed, by the clock of the world. No request waits
//! for the store: while it cannot be reached, each process knows what it has learnt itself.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Closed, Gates, LONGEST, Parts, ThrottleKey};
use crate::context::Clock;
use crate::store::{Change, Expected, Group, Key, Store, StoreError, follow};

/// The attempts to write an entry that other processes change, too.
const TRIES: usize = 3;

/// The store that the processes share.
#[derive(Debug)]
pub(super) struct Sharing(Arc<dyn Store>);

/// Tells the other processes of one part of a gate.
#[derive(Clone, Debug)]
pub(super) struct Announcer {
    store: Arc<dyn Store>,
    key: Key,
}

/// An entry.
#[derive(Serialize, Deserialize)]
struct Notice {
    until: Timestamp,
    status: u16,
    code: String,
}

impl ThrottleKey {
    /// Returns the name of a part of the gate with this key, which reveals nothing.
    pub(super) fn digest(&self, part: &str) -> String {
        // No part contains a line break, so names are unambiguous.
        let text = [&*self.graph, &*self.tenant, &*self.client_id, part].join("\n");
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    }
}

impl Gates {
    /// Creates gates that close when another process learns of throttling. Must be called within a
    /// runtime.
    pub fn shared(store: Arc<dyn Store>) -> Self {
        let sharing = Some(Sharing(Arc::clone(&store)));
        let parts = Arc::new(Parts { sharing, ..Parts::default() });
        let stopped = CancellationToken::new();
        let heeding = Arc::clone(&parts);
        let changed = move |change: Change| heeding.heed(&change);
        tokio::spawn(follow(store, Group::Throttled, stopped.clone(), changed));
        Self { parts, _following: Some(stopped.drop_guard()) }
    }
}

impl Sharing {
    /// Returns what tells of the part with this name.
    pub fn announcer(&self, name: &str) -> Announcer {
        Announcer { store: Arc::clone(&self.0), key: Key::new(Group::Throttled, &[name]) }
    }
}

impl Announcer {
    /// Tells the other processes that a part is closed for some time from now on.
    pub fn announce(&self, wait: Duration, closed: &Closed) {
        let Ok(until) = Timestamp::now().checked_add(wait) else { return };
        let (status, code) = (closed.status.as_u16(), closed.code.clone());
        let (announcer, notice) = (self.clone(), Notice { until, status, code });
        tokio::spawn(async move {
            if let Err(error) = announcer.write(wait, &notice).await {
                tracing::debug!(%error, "other processes are not told of Graph's throttling");
            }
        });
    }

    /// Writes an entry, unless there is one with a later end.
    async fn write(&self, wait: Duration, notice: &Notice) -> Result<(), StoreError> {
        let Ok(value) = serde_json::to_vec(notice) else { return Ok(()) };
        for _ in 0..TRIES {
            let before = self.store.get(&self.key).await?;
            let known = before.as_ref().and_then(|entry| Notice::read(&entry.value));
            if known.is_some_and(|known| known.until >= notice.until) {
                return Ok(());
            }
            let expected = before.map_or(Expected::Absent, |entry| Expected::Is(entry.revision));
            let value = value.clone().into();
            if self.store.put(&self.key, value, expected, Some(wait)).await?.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Notice {
    fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }
}

impl Parts {
    /// Closes the part of a changed entry. It opens by itself.
    fn heed(&self, change: &Change) {
        let Some(entry) = &change.entry else { return };
        let (notice, name) = (Notice::read(&entry.value), change.key.last_part());
        let Some((notice, name)) = notice.zip(name) else {
            return tracing::debug!(key = ?change.key, "an entry on throttling is not understood");
        };
        let left = notice.until.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or_default().min(LONGEST);
        let Ok(status) = StatusCode::from_u16(notice.status) else { return };
        if !left.is_zero() {
            let until = Clock::real().moment().saturating_add(left);
            self.part(&name).close(Closed { until, status, code: notice.code });
        }
    }
}
