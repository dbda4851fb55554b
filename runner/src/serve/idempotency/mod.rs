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
//! - `key`: the header `Idempotency-Key`
//! - `response`: stored responses
//! - `options`: the limits of the store
//! - `reservation`: reservations of keys
//! - `writer`: the interface of the writer thread
//! - `work`: the writer thread, which commits commands in batches
//! - `in_flight`: the keys of current calls, and the attempts that wait for them
//! - `command`: the commands to the thread, and its decisions
//! - `tables`: the tables of the file
//! - `file`: the file
//! - `error`: the errors of the store

mod command;
mod error;
mod file;
mod in_flight;
mod key;
mod options;
mod reservation;
mod response;
mod tables;
mod work;
mod writer;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::StatusCode;
use tokio::sync::oneshot;
use uuid::Uuid;

pub use error::StoreError;
pub use key::{IdempotencyKey, KeyError};
pub use options::Options;
pub use reservation::Reservation;
pub use response::StoredResponse;

use command::{Command, Decision, Digest, Recovery, TenantKey};
use writer::Writer;

/// The store of all tenants' responses. Clones refer to the same store. Dropping the last clone and
/// the last [`Reservation`] waits for pending writes, and closes the file.
#[derive(Clone)]
pub struct ResponseStore(Arc<Writer>);

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
    /// Opens the store in a directory, which is created if it does not exist. Blocks while it
    /// verifies the whole file.
    ///
    /// # Errors
    /// Fails when other users can access the directory, another process has the file open, or the
    /// file is damaged or of another version. The file then stays unchanged.
    pub fn open(directory: &Path, options: Options) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Writer::start(directory, options)?)))
    }

    /// Decides on an attempt. Waits while the same request runs. Dropping the future withdraws the
    /// attempt.
    ///
    /// # Errors
    /// Fails when the start of the call cannot be stored. The request must not run then.
    pub async fn begin(&self, attempt: Attempt<'_>) -> Result<Begun, StoreError> {
        let name = TenantKey { tenant: attempt.tenant.into(), key: attempt.key.clone() };
        let digest = Digest::of(self.0.secret(), &attempt);
        let (reservation, decision) = Reservation::request(&self.0, name, digest, &attempt);
        let decision = decision.await.unwrap_or_else(|_| Err(self.0.stopped()));
        match decision {
            Ok(Decision::First) => Ok(Begun::First(reservation.held())),
            Ok(Decision::Interrupted(run)) => {
                Ok(Begun::Interrupted { run, reservation: reservation.held() })
            }
            other => {
                reservation.end();
                match other? {
                    Decision::Again(response) => Ok(Begun::Again(response)),
                    Decision::NotKept { status, run } => Ok(Begun::NotKept { status, run }),
                    Decision::Full => Ok(Begun::Full),
                    _ => Ok(Begun::OtherBody),
                }
            }
        }
    }

    /// Reserves the keys of the runs that go on after an interruption: repeats of their calls wait
    /// for their outcomes. Frees the keys of all other runs that were interrupted since a time, as
    /// a Unix time in milliseconds: they did nothing. Returns the reservations of the runs with a
    /// key.
    ///
    /// # Errors
    /// Fails when the file cannot be read or written. No key is reserved or freed then.
    pub async fn recover(
        &self,
        runs: impl IntoIterator<Item = Uuid>,
        since: u64,
    ) -> Result<HashMap<Uuid, Reservation>, StoreError> {
        let claims: HashMap<Uuid, u64> =
            runs.into_iter().map(|run| (run, self.0.claim())).collect();
        let (reply, recovered) = oneshot::channel();
        self.0.send(Command::Recover(Recovery { runs: claims.clone(), since, reply }));
        let held = recovered.await.unwrap_or_else(|_| Err(self.0.stopped()))?;
        let reserved = held.into_iter().filter_map(|(run, name)| {
            let claim = *claims.get(&run)?;
            Some((run, Reservation::recovered(&self.0, name, claim)))
        });
        Ok(reserved.collect())
    }

    /// Returns whether the last write succeeded. After an error, the store tries again each second.
    pub fn healthy(&self) -> bool {
        self.0.healthy()
    }

    /// Returns the number of responses that were dropped to keep to the limits, since the store was
    /// opened.
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }

    /// Returns the number of commits since the store was opened. One commit covers many runs.
    pub fn commits(&self) -> u64 {
        self.0.commits()
    }
}

impl fmt::Debug for ResponseStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResponseStore").finish_non_exhaustive()
    }
}
