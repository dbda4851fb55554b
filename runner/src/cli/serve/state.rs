//! What runs leave: in files of this process, or in a store that it shares with others.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use disk::private;
use uuid::Uuid;

use super::ServerFiles;
use crate::cli::failure::Failure;
use crate::connections::config::{ServeConfig, StoreConfig};
use crate::journal::shared::SharedJournals;
use crate::journal::{Journals, Recovered, Unfinished};
use crate::platform::Builder;
use crate::report::{Kind, Report};
use crate::serve::Service;
use crate::serve::idempotency::{Options, ResponseStore};
use crate::serve::runs::Runs;
use crate::store::generated::GeneratedSecrets;
use crate::store::jetstream::JetStream;
use crate::store::process::Process;
use crate::store::sealing::SealingKey;
use crate::store::{EmbeddedStore, Sealed, Store, StoreError};

/// The directory of the secrets that the host made up, in the state directory.
pub const SECRETS: &str = "secrets";

/// The directory of journals, in the state directory.
pub const RUNS: &str = "runs";

/// The time in which a store must be there.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between attempts to reach it.
const AGAIN: Duration = Duration::from_millis(500);

/// What runs leave.
pub struct State {
    pub responses: ResponseStore,
    pub runs: Runs,
    pub left: Left,
}

/// The runs that others did not end.
pub enum Left {
    /// Those of an earlier process, in files.
    Own(Recovered),
    /// Those of other processes, in the store.
    Shared(SharedJournals, Process),
}

impl State {
    /// Opens what is kept, for a platform that `builder` builds.
    pub async fn open(
        config: &ServeConfig,
        files: &ServerFiles,
        builder: Builder,
    ) -> Result<(Self, Builder), Failure> {
        match &config.store {
            None => Self::own(files, builder).await,
            Some(store) => Self::shared(store, files, builder).await,
        }
    }

    async fn own(files: &ServerFiles, builder: Builder) -> Result<(Self, Builder), Failure> {
        let responses = ResponseStore::open(&files.answers, Options::default())
            .map_err(|error| Failure::setup(&error, error.fix()))?;
        let (journals, recovered) =
            Journals::open(&files.journals).map_err(|error| Failure::setup(&error, error.fix()))?;
        let store = EmbeddedStore::open(&files.state)
            .map_err(|error| Failure::setup(&error, error.fix()))?;
        let runs = Runs::open(Arc::new(store)).await;
        let runs = runs.map_err(|error| Failure::setup(&error, error.fix()))?;
        let generated = GeneratedSecrets::in_directory(files.generated.clone());
        let builder = builder.journals(journals).generated(generated);
        Ok((Self { responses, runs, left: Left::Own(recovered) }, builder))
    }

    async fn shared(
        config: &StoreConfig,
        files: &ServerFiles,
        builder: Builder,
    ) -> Result<(Self, Builder), Failure> {
        let SharedParts { store, process, journals } =
            SharedParts::open(config, files.journals.clone()).await?;
        let generated = GeneratedSecrets::shared(Arc::clone(&store));
        let runs = Runs::open(store).await;
        let runs = runs.map_err(|error| Failure::setup(&error, error.fix()))?;
        let orphans = Arc::new(journals.clone());
        let responses = ResponseStore::shared(process.clone(), orphans, Options::default()).await;
        let responses = responses.map_err(|error| Failure::setup(&error, error.fix()))?;
        let builder =
            builder.journals(journals.clone()).shared(process.clone()).generated(generated);
        Ok((Self { responses, runs, left: Left::Shared(journals, process) }, builder))
    }
}

/// What a process has of a store that it shares.
pub struct SharedParts {
    pub store: Arc<dyn Store>,
    process: Process,
    pub journals: SharedJournals,
}

impl SharedParts {
    /// Joins the processes that share a store. Recordings are kept in `directory`.
    pub async fn open(config: &StoreConfig, directory: PathBuf) -> Result<Self, Failure> {
        let unusable = |message: String, fix: String| Report::new(Kind::Environment, message, fix);
        let key = config
            .key
            .read()
            .map_err(|error| unusable(format!("store-key cannot be read: {error}"), error.fix()))?;
        let key = SealingKey::parse(&key).map_err(|error| {
            unusable(format!("store-key cannot be used: {error}"), error.fix().to_owned())
        })?;
        private::open_dir(&directory).map_err(|error| {
            Failure::setup(&error, "Set O365_STATE_DIR to a private directory (chmod 700).")
        })?;
        let began = Instant::now();
        loop {
            match Self::joined(config, &key, directory.clone()).await {
                // A cluster may be about to elect a leader.
                Err(StoreError::Unavailable { .. }) if began.elapsed() < PATIENCE => {
                    tokio::time::sleep(AGAIN).await;
                }
                joined => return joined.map_err(|error| Failure::setup(&error, error.fix())),
            }
        }
    }

    async fn joined(
        config: &StoreConfig,
        key: &SealingKey,
        directory: PathBuf,
    ) -> Result<Self, StoreError> {
        let jetstream = JetStream::open(&config.jetstream).await?;
        let sealed = Sealed::new(Arc::new(jetstream.clone()), key.clone(), jetstream.place());
        let store: Arc<dyn Store> = Arc::new(sealed);
        let process = Process::join(Arc::clone(&store)).await?;
        let journals = SharedJournals::new(jetstream, process.clone(), key.clone(), directory);
        Ok(Self { store, process, journals })
    }
}

impl Left {
    /// Continues the runs, and returns the process among others if it is one.
    pub async fn resume(self, service: &Service) -> Result<Option<Process>, Failure> {
        match self {
            Self::Own(recovered) => {
                let resumed = service.resume(recovered).await;
                resumed.map_err(|error| Failure::setup(&error, error.fix()))?;
                Ok(None)
            }
            Self::Shared(journals, process) => {
                let service = service.clone();
                tokio::spawn(async move { service.adopt(journals).await });
                Ok(Some(process))
            }
        }
    }

    /// Returns one of the runs, and since when the journals are complete, as a Unix time in
    /// milliseconds.
    pub async fn take_one(self, run: Uuid) -> Result<Option<(Unfinished, u64)>, Failure> {
        match self {
            Self::Own(Recovered { unfinished, since }) => {
                let found = unfinished.into_iter().find(|one| one.begun.run == run);
                Ok(found.map(|found| (found, since)))
            }
            Self::Shared(journals, _) => {
                let taken = journals.take_one(run).await;
                let taken = taken.map_err(|error| Failure::setup(&error, error.fix()))?;
                Ok(taken.map(|taken| (taken, 0)))
            }
        }
    }
}
