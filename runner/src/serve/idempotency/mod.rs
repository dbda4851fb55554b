//! The responses to calls with an `Idempotency-Key`, stored for their repeats.
//!
//! This is the IETF draft "The Idempotency-Key HTTP Header Field": a repeated request with the
//! same key receives the first response again, byte for byte, and another request with the same
//! key is rejected. The start of a call is on the disk before it runs, and its response before it
//! is sent, so that both survive a `kill -9` of the server. An interrupted run goes on from its journal
//! when the server starts again, and repeats of its call wait for its outcome. Without a journal,
//! the outcome is unknown, and it does not run again.
//!
//! The responses are in the file `idempotency.redb`, which one process opens at a time. They may
//! contain personal data, so only the current user can read the file. It contains requests as
//! digests only, with their key. A holder of the file could guess passwords, so the secrets of a
//! request are hashed together with the API key of its caller.
//!
//! Several processes share the responses where the server has a store that they share. Then the
//! process that runs a call is in the entry of its key, so that the repeats in all processes wait
//! for it, and find out what becomes of its run when it dies.
//!
//! - `key`: the header `Idempotency-Key`
//! - `response`: stored responses
//! - `options`: the limits of the store
//! - `digest`: the digests of requests
//! - `reservation`: reservations of keys
//! - `embedded`: the store of one process, in a file
//! - `shared`: the store of many processes
//! - `in_base64`: bytes in JSON
//! - `error`: the errors of the store

mod digest;
mod embedded;
mod error;
mod in_base64;
mod key;
mod options;
mod reservation;
mod response;
mod shared;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;

use crate::store::Orphans;
use crate::store::process::Process;

pub use error::StoreError;
pub use key::{IdempotencyKey, KeyError};
pub use options::Options;
pub use reservation::Reservation;
pub use response::StoredResponse;

use embedded::Embedded;
use shared::Shared;

/// The store of all tenants' responses. Clones refer to the same store. If it is of one process,
/// dropping the last clone and the last [`Reservation`] waits for pending writes, and closes the
/// file.
#[derive(Clone)]
pub struct ResponseStore(Backend);

#[derive(Clone)]
enum Backend {
    Embedded(Embedded),
    Shared(Shared),
}

/// A request with an idempotency key, before it runs.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The tenant. Tenants never see each other's keys.
    pub tenant: &'a str,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// The canonical request: the action, and the input without secrets. The store keeps only
    /// digests of this and the next two.
    pub request: &'a [u8],
    /// The canonical secrets of the input, compared if the caller is the same.
    pub secrets: &'a [u8],
    /// The API key of the caller.
    pub caller: &'a [u8],
    /// The id of the run, if the request runs.
    pub run: Uuid,
    /// Whether a repeat is harmless. If so, the request runs again when its response is lost.
    pub harmless: bool,
}

/// The decision on an attempt.
#[derive(Debug)]
pub enum Begun {
    /// The attempt is the first and must run. Its start is on the disk.
    First(Reservation),
    /// The request ran before, with this response.
    Again(StoredResponse),
    /// The key was used for another request, which must be rejected with 422.
    OtherBody,
    /// The request ran before, and its response was too large to store or has been evicted. It
    /// must not run again; the response is `outcome-unknown`.
    NotKept {
        /// The status of the first response.
        status: StatusCode,
        /// The run, whose writes are in the audit log.
        run: Uuid,
    },
    /// The request was started before and interrupted, by a crash or by a dropped reservation. It
    /// must not run again; the response is `outcome-unknown`.
    Interrupted {
        /// The run, whose writes are in the audit log.
        run: Uuid,
        /// The reservation, for the response to repeats.
        reservation: Reservation,
    },
    /// The tenant has no room for another key. The request must not run; the response is 503.
    Full,
}

impl ResponseStore {
    /// Opens the store of one process in a directory, which is created if it does not exist.
    /// Blocks while it verifies the whole file.
    ///
    /// # Errors
    /// Fails when other users can access the directory, another process has the file open, or the
    /// file is damaged or of another version. The file then stays unchanged.
    pub fn open(directory: &Path, options: Options) -> Result<Self, StoreError> {
        Ok(Self(Backend::Embedded(Embedded::open(directory, options)?)))
    }

    /// Opens the store that this process shares with others. `orphans` knows what becomes of the
    /// runs of processes that have died.
    ///
    /// # Errors
    /// Fails when the store cannot be used.
    pub async fn shared(
        process: Process,
        orphans: Arc<dyn Orphans>,
        options: Options,
    ) -> Result<Self, StoreError> {
        Ok(Self(Backend::Shared(Shared::open(process, orphans, options).await?)))
    }

    /// Decides on an attempt. Waits while the same request runs. Dropping the future withdraws the
    /// attempt.
    ///
    /// # Errors
    /// Fails when the start of the call cannot be stored. The request must not run then.
    pub async fn begin(&self, attempt: Attempt<'_>) -> Result<Begun, StoreError> {
        match &self.0 {
            Backend::Embedded(store) => store.begin(attempt).await,
            Backend::Shared(store) => store.begin(attempt).await,
        }
    }

    /// Reserves the keys of the runs that go on after an interruption of this process: repeats of
    /// their calls wait for their outcomes. Frees the keys of all other runs that were interrupted
    /// since a time, as a Unix time in milliseconds: they did nothing. Returns the reservations of
    /// the runs with a key. A shared store has none: see [`adopt`](Self::adopt).
    ///
    /// # Errors
    /// Fails when the file cannot be read or written. No key is reserved or freed then.
    pub async fn recover(
        &self,
        runs: impl IntoIterator<Item = Uuid>,
        since: u64,
    ) -> Result<HashMap<Uuid, Reservation>, StoreError> {
        match &self.0 {
            Backend::Embedded(store) => store.recover(runs, since).await,
            Backend::Shared(_) => Ok(HashMap::new()),
        }
    }

    /// Reserves the key of a run that this process takes over from another, by the digest of the
    /// key ([`digest`](crate::run::host::digest)); `None` if the key is no longer the run's, or
    /// the run has a response. A store of one process has none: see [`recover`](Self::recover).
    ///
    /// # Errors
    /// Fails when the store cannot be read or written.
    pub async fn adopt(
        &self,
        tenant: &str,
        key_digest: &str,
        run: Uuid,
    ) -> Result<Option<Reservation>, StoreError> {
        match &self.0 {
            Backend::Embedded(_) => Ok(None),
            Backend::Shared(store) => store.adopt(tenant, key_digest, run).await,
        }
    }

    /// Returns whether the last access succeeded. After an error, the store tries again each
    /// second.
    pub fn healthy(&self) -> bool {
        match &self.0 {
            Backend::Embedded(store) => store.healthy(),
            Backend::Shared(store) => store.healthy(),
        }
    }

    /// Returns the number of responses that were dropped to keep to the limits, since the store was
    /// opened.
    pub fn dropped(&self) -> u64 {
        match &self.0 {
            Backend::Embedded(store) => store.dropped(),
            Backend::Shared(store) => store.dropped(),
        }
    }

    /// Returns the number of commits since the store was opened. One commit of a store of one
    /// process covers many runs.
    pub fn commits(&self) -> u64 {
        match &self.0 {
            Backend::Embedded(store) => store.commits(),
            Backend::Shared(store) => store.commits(),
        }
    }
}

impl fmt::Debug for ResponseStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResponseStore").finish_non_exhaustive()
    }
}
