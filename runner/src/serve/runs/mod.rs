//! The runs that nobody waits for: accepted with 202, and polled at an address of their own.
//!
//! What is known of a run is in the store, so that any process answers for it, also after a crash.
//! What it needs to go on is in its journal. A run is cancelled by an entry that the process that
//! runs it watches.
//!
//! - `prefer`: what a caller prefers
//! - `accept`: the calls
//! - `hold`: a run from its acceptance to its end
//! - `routes`: the addresses of runs
//! - `entry`: what is known of a run
//! - `kept`: the results
//! - `callbacks`: telling tenants of the ends of runs
//! - `token`: the tokens in the addresses
//! - `cancelling`: the runs that are to be cancelled

mod accept;
mod callbacks;
mod cancelling;
mod entry;
mod hold;
mod kept;
mod prefer;
mod routes;
mod token;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use super::idempotency::StoredResponse;
use crate::connections::config::CallbackConfig;
use crate::network::ClientError;
use crate::platform::RunHandle;
use crate::store::{Store, StoreError};
use callbacks::Callbacks;
use kept::Added;
use token::TokenKey;

pub(super) use accept::Outcome;
pub(super) use callbacks::deliver;
pub(super) use routes::{LARGEST_LIMIT, LIMIT, PATH, cancel, get, list, token_holder};

/// How long the result of a run is worth polling after the time limit of the run.
const POLLING_TIME: Duration = Duration::from_secs(60 * 60);

/// The runs of a server that nobody waits for. Clones refer to the same runs.
#[derive(Clone)]
pub struct Runs(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    tokens: TokenKey,
    /// The runs of this process.
    live: Mutex<HashMap<Uuid, Live>>,
    added: Mutex<HashMap<String, Added>>,
    callbacks: Callbacks,
}

/// A run of this process.
struct Live {
    handle: RunHandle,
    /// The response, once there is one.
    ended: watch::Receiver<Option<StoredResponse>>,
}

/// A run that is among those of this process until this is dropped.
struct Held {
    runs: Runs,
    run: Uuid,
    ended: watch::Sender<Option<StoredResponse>>,
}

impl Runs {
    /// Opens the runs that a store has.
    ///
    /// # Errors
    /// Fails when the store cannot be read or written.
    pub async fn open(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let tokens = TokenKey::of(&*store).await?;
        let runs = Self(Arc::new(Inner {
            store,
            tokens,
            live: Mutex::default(),
            added: Mutex::default(),
            callbacks: Callbacks::default(),
        }));
        runs.watch();
        Ok(runs)
    }

    /// Sets where tenants are told of the ends of their runs.
    pub(super) fn call_back_to(
        &self,
        callbacks: BTreeMap<String, CallbackConfig>,
    ) -> Result<(), ClientError> {
        self.0.callbacks.set(callbacks)
    }

    /// Returns whether the last access of the store succeeded.
    pub(super) fn is_healthy(&self) -> bool {
        self.0.store.is_healthy()
    }

    /// Returns a token for a run with this time limit.
    fn token(&self, tenant: &str, run: Uuid, time_limit: Duration) -> String {
        let time = time_limit.saturating_add(POLLING_TIME);
        let end = Timestamp::now().saturating_add(time).unwrap_or(Timestamp::MAX);
        self.0.tokens.token(tenant, run, end)
    }

    fn hold(&self, run: Uuid, handle: RunHandle) -> Held {
        let (ended, receiver) = watch::channel(None);
        self.live().insert(run, Live { handle, ended: receiver });
        Held { runs: self.clone(), run, ended }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Uuid, Live>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Gives the response to those who wait for it.
    fn end(&self, response: StoredResponse) {
        self.ended.send_replace(Some(response));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.runs.live().remove(&self.run);
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs").field("store", &self.0.store).finish_non_exhaustive()
    }
}
