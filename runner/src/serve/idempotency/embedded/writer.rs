//! The interface of the writer thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use disk::group::GroupCommit;

use super::super::digest::DigestKey;
use super::super::{Options, StoreError};
use super::command::Command;
use super::file;
use super::in_flight::InFlight;
use super::work::Work;

/// The writer thread, which holds the file.
pub struct Writer {
    /// Dropping it closes the file, so that another store can open it.
    commands: GroupCommit<Command>,
    path: PathBuf,
    secret: DigestKey,
    claims: AtomicU64,
    commits: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
    healthy: Arc<AtomicBool>,
}

impl Writer {
    /// Opens the file and starts the thread.
    pub fn start(directory: &Path, options: Options) -> Result<Self, StoreError> {
        let file = file::open(directory)?;
        let (path, secret) = (file.path().to_owned(), *file.secret());
        let (commits, dropped) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let healthy = Arc::new(AtomicBool::new(true));
        let work = Work {
            file,
            in_flight: InFlight::default(),
            options,
            commits: Arc::clone(&commits),
            dropped: Arc::clone(&dropped),
            healthy: Arc::clone(&healthy),
        };
        let commands = GroupCommit::start("idempotency", usize::MAX, || work.swept())
            .map_err(|error| StoreError::Machine(error.to_string().into()))?;
        let claims = AtomicU64::new(0);
        Ok(Self { commands, path, secret, claims, commits, dropped, healthy })
    }

    /// Sends a command. If the thread has ended, the reply channel of the command closes.
    pub fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// Returns a new claim.
    pub fn claim(&self) -> u64 {
        self.claims.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the key of the digests.
    pub fn secret(&self) -> &DigestKey {
        &self.secret
    }

    /// Returns the number of commits.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Returns the number of dropped responses.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns whether the last write succeeded.
    pub fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Returns the error of an ended thread.
    pub fn stopped(&self) -> StoreError {
        StoreError::Stopped { path: self.path.clone() }
    }
}
