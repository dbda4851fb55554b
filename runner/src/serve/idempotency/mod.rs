//! The first answer to an `Idempotency-Key`, kept for its repeats: a retry never makes a
//! second user and never sends a second mail.
//!
//! It is the IETF draft "The Idempotency-Key HTTP Header Field": a key that comes again with
//! the same request gets the first answer again, byte for byte, and one that comes with
//! another request is refused. What has begun is on the disk before it runs, and its answer
//! before it is given, so both outlive a `kill -9` of the server. A run that was cut off is
//! known as such: nobody can say what it did, so it does not run again.
//!
//! The answers are in one file, `idempotency.redb`, which one process has open at a time.
//! They may hold personal data, so this user alone can read it. A request is in it as
//! digests only, whose key is in the same file. Whoever has the file could try passwords on
//! them, so a request's secrets are hashed together with what its caller alone knows.
//!
//! - `key`: what the header holds
//! - `answer`: what is kept
//! - `options`: for how long, and how much
//! - `reservation`: the duty to answer
//! - `writer`: the thread that has the file, for those who ask it
//! - `work`: what the thread does, for many at once
//! - `in_flight`: what runs now, and who waits for it
//! - `command`: what the thread is asked for, and what it decides
//! - `tables`: what the file holds, in one transaction
//! - `file`: opening the file
//! - `error`: what goes wrong, and the fix

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

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;

pub use error::StoreError;
pub use key::{IdempotencyKey, KeyError};
pub use options::Options;
pub use reservation::Reservation;
pub use response::StoredResponse;

use command::{Decision, Digest, TenantKey};
use writer::Writer;

/// The answers of all tenants. Clones are the same store; the file is closed when the last
/// clone and the last [`Reservation`] are gone, which waits for what is being written.
#[derive(Clone)]
pub struct ResponseStore(Arc<Writer>);

/// A request with a key, before it is run.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Whose it is. Tenants never see each other's keys.
    pub tenant: &'a str,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What is asked for, in one canonical form: the action, whether it is a plan, and the
    /// input without its secrets. It is hashed here, as are the next two, and goes nowhere
    /// else.
    pub request: &'a [u8],
    /// The secrets of the input, in one canonical form. They are compared where the caller is
    /// the same.
    pub secrets: &'a [u8],
    /// What the caller alone knows: its key to the server.
    pub caller: &'a [u8],
    /// The id of the run, if it is run.
    pub run: Uuid,
    /// Whether the action may be repeated without harm: it then runs again where its first
    /// answer is lost.
    pub harmless: bool,
}

/// What an attempt comes to.
#[derive(Debug)]
pub enum Begun {
    /// It is the first: run it and answer. That it has begun is on the disk.
    First(Reservation),
    /// It was run before. This is the answer, which is given again.
    Again(StoredResponse),
    /// The key was used for another request, which the draft answers with 422.
    OtherBody,
    /// It was run before, and its answer was too large to keep, or made room for later ones.
    /// Nothing may be run: the caller answers `outcome-unknown` with this status and names
    /// the run, of which the audit log has the writes.
    NotKept {
        /// The status of the first answer.
        status: StatusCode,
        /// The run that gave it.
        run: Uuid,
    },
    /// It was begun before, and cut off: by a crash, or by a reservation that was dropped. Nothing
    /// may be run: the caller answers `outcome-unknown` and names the run, of which the audit
    /// log has the writes. What the reservation is finished with is then the answer to repeats.
    Interrupted {
        /// The run that was cut off.
        run: Uuid,
        /// For the answer.
        reservation: Reservation,
    },
}

impl ResponseStore {
    /// Opens the answers in a directory, which is made when it is not there. The whole file
    /// is read and checked, so this blocks for some time where there is much in it.
    ///
    /// # Errors
    /// When the directory is not this user's alone, another process has the file open, or the
    /// file is damaged or of another version; it is left as it is then.
    pub fn open(directory: &Path, options: Options) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Writer::start(directory, options)?)))
    }

    /// Says what an attempt comes to. Where the same request is being run now, it waits for
    /// that answer, or for its turn if nothing came of it. A future that is dropped leaves
    /// no trace.
    ///
    /// # Errors
    /// When the disk does not take it. Nothing may be run then.
    pub async fn begin(&self, attempt: Attempt<'_>) -> Result<Begun, StoreError> {
        let name = TenantKey { tenant: attempt.tenant.into(), key: attempt.key.clone() };
        let digest = Digest::of(self.0.secret(), &attempt);
        let (mut reservation, decision) = Reservation::ask(&self.0, name, digest, &attempt);
        let decision = decision.await.unwrap_or_else(|_| Err(self.0.stopped()));
        match decision {
            Ok(Decision::First) => {
                reservation.hold();
                Ok(Begun::First(reservation))
            }
            Ok(Decision::Interrupted(run)) => {
                reservation.hold();
                Ok(Begun::Interrupted { run, reservation })
            }
            other => {
                reservation.void();
                match other? {
                    Decision::Again(answer) => Ok(Begun::Again(answer)),
                    Decision::NotKept { status, run } => Ok(Begun::NotKept { status, run }),
                    _ => Ok(Begun::OtherBody),
                }
            }
        }
    }

    /// How often the disk was made to keep something, since the store was opened. It grows
    /// more slowly than the runs, for many are written at once.
    pub fn commits(&self) -> u64 {
        self.0.commits()
    }
}

impl fmt::Debug for ResponseStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResponseStore").finish_non_exhaustive()
    }
}
