//! The store of one process, in the file `idempotency.redb`.
//!
//! - `reservation`: reservations of keys
//! - `writer`: the interface of the writer thread
//! - `work`: the writer thread, which commits commands in batches
//! - `in_flight`: the keys of current calls, and the attempts that wait for them
//! - `command`: the commands to the thread, and its decisions
//! - `tables`: the tables of the file
//! - `file`: the file

mod command;
mod file;
mod in_flight;
mod reservation;
mod tables;
mod work;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::digest::Digest;
use super::{Attempt, Begun, Options, StoreError};
use command::{Command, Decision, Recovery, TenantKey};
use writer::Writer;

pub use reservation::Reservation;

/// The store of one process. Clones refer to the same one.
#[derive(Clone)]
pub struct Embedded(Arc<Writer>);

impl Embedded {
    /// Opens the file in a directory.
    pub fn open(directory: &Path, options: Options) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Writer::start(directory, options)?)))
    }

    /// Decides on an attempt.
    pub async fn begin(&self, attempt: Attempt<'_>) -> Result<Begun, StoreError> {
        let name = TenantKey { tenant: attempt.tenant.into(), key: attempt.key.clone() };
        let digest = Digest::of(self.0.secret(), &attempt);
        let (reservation, decision) = Reservation::request(&self.0, name, digest, &attempt);
        let decision = decision.await.unwrap_or_else(|_| Err(self.0.stopped()));
        match decision {
            Ok(Decision::First) => Ok(Begun::First(reservation.held().into())),
            Ok(Decision::Interrupted(run)) => {
                Ok(Begun::Interrupted { run, reservation: reservation.held().into() })
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

    /// Reserves the keys of the runs that go on, and frees those of the runs since a time that
    /// did nothing.
    pub async fn recover(
        &self,
        runs: impl IntoIterator<Item = Uuid>,
        since: u64,
    ) -> Result<HashMap<Uuid, super::Reservation>, StoreError> {
        let claims: HashMap<Uuid, u64> =
            runs.into_iter().map(|run| (run, self.0.claim())).collect();
        let (reply, recovered) = oneshot::channel();
        self.0.send(Command::Recover(Recovery { runs: claims.clone(), since, reply }));
        let held = recovered.await.unwrap_or_else(|_| Err(self.0.stopped()))?;
        let reserved = held.into_iter().filter_map(|(run, name)| {
            let claim = *claims.get(&run)?;
            Some((run, Reservation::recovered(&self.0, name, claim).into()))
        });
        Ok(reserved.collect())
    }

    /// Returns whether the last write succeeded.
    pub fn healthy(&self) -> bool {
        self.0.healthy()
    }

    /// Returns the number of responses that were dropped.
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }

    /// Returns the number of commits.
    pub fn commits(&self) -> u64 {
        self.0.commits()
    }
}
