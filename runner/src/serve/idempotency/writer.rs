//! The thread that has the file, for those who ask it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use disk::group::GroupCommit;

use super::command::{Command, DigestKey};
use super::file::{self, Opened};
use super::in_flight::InFlight;
use super::work::Work;
use super::{Options, StoreError};

/// The thread, for those who ask it.
pub struct Writer {
    /// Dropping it closes the file, so that another store can open it.
    commands: GroupCommit<Command>,
    path: PathBuf,
    secret: DigestKey,
    claims: AtomicU64,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Opens the file and starts the thread.
    pub fn start(directory: &Path, options: Options) -> Result<Self, StoreError> {
        let path = file::place(directory)?;
        let Opened { database, secret } = file::open(&path)?;
        let commits = Arc::new(AtomicU64::new(0));
        let work = Work {
            path: path.clone(),
            secret,
            database: Some(database),
            in_flight: InFlight::default(),
            options,
            commits: Arc::clone(&commits),
        };
        let commands = GroupCommit::start("idempotency", usize::MAX, || work.swept())
            .map_err(|error| StoreError::Machine(error.to_string().into()))?;
        let claims = AtomicU64::new(0);
        Ok(Self { commands, path, secret, claims, commits })
    }

    /// Asks for something. Where the thread has ended, the answer's channel ends with it.
    pub fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// A claim that nobody else has.
    pub fn claim(&self) -> u64 {
        self.claims.fetch_add(1, Ordering::Relaxed)
    }

    /// The key of the digests.
    pub fn secret(&self) -> &DigestKey {
        &self.secret
    }

    /// How many transactions there were.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// That the thread has ended.
    pub fn stopped(&self) -> StoreError {
        StoreError::Stopped { path: self.path.clone() }
    }
}
