//! What runs leave: in files of this process, or in a store that it shares with others.

use std::sync::Arc;

use disk::private;

use super::ServerFiles;
use crate::cli::failure::Failure;
use crate::connections::config::{ServeConfig, StoreConfig};
use crate::journal::shared::SharedJournals;
use crate::journal::{Journals, Recovered};
use crate::platform::Builder;
use crate::report::{Kind, Report};
use crate::serve::Service;
use crate::serve::idempotency::{Options, ResponseStore};
use crate::serve::runs::Runs;
use crate::store::jetstream::JetStream;
use crate::store::process::Process;
use crate::store::sealing::SealingKey;
use crate::store::{EmbeddedStore, Sealed, Store};

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
        Ok((Self { responses, runs, left: Left::Own(recovered) }, builder.journals(journals)))
    }

    async fn shared(
        config: &StoreConfig,
        files: &ServerFiles,
        builder: Builder,
    ) -> Result<(Self, Builder), Failure> {
        let unusable = |message: String, fix: String| Report::new(Kind::Environment, message, fix);
        let key = config.key.read().map_err(|error| {
            unusable(format!("the key of the store cannot be read: {error}"), error.fix())
        })?;
        let key = SealingKey::parse(&key).map_err(|error| {
            unusable(
                format!("the key of the store cannot be used: {error}"),
                error.fix().to_owned(),
            )
        })?;
        private::open_dir(&files.journals).map_err(|error| {
            Failure::setup(&error, "Set O365_STATE_DIR to a private directory (chmod 700).")
        })?;
        let jetstream = JetStream::open(&config.jetstream).await;
        let jetstream = jetstream.map_err(|error| Failure::setup(&error, error.fix()))?;
        let sealed = Sealed::new(Arc::new(jetstream.clone()), key.clone(), jetstream.place());
        let sealed: Arc<dyn Store> = Arc::new(sealed);
        let runs = Runs::open(Arc::clone(&sealed)).await;
        let runs = runs.map_err(|error| Failure::setup(&error, error.fix()))?;
        let process = Process::join(sealed).await;
        let process = process.map_err(|error| Failure::setup(&error, error.fix()))?;
        let directory = files.journals.clone();
        let journals = SharedJournals::new(jetstream, process.clone(), key, directory);
        let responses =
            ResponseStore::shared(process.clone(), Arc::new(journals.clone()), Options::default());
        let responses = responses.await.map_err(|error| Failure::setup(&error, error.fix()))?;
        let builder = builder.journals(journals.clone()).shared(process.clone());
        Ok((Self { responses, runs, left: Left::Shared(journals, process) }, builder))
    }
}

impl Left {
    /// Continues the runs, and returns the process among others if it is one.
    pub async fn resume(self, service: &Service) -> Result<Option<Process>, Failure> {
        match self {
            Left::Own(recovered) => {
                let resumed = service.resume(recovered).await;
                resumed.map_err(|error| Failure::setup(&error, error.fix()))?;
                Ok(None)
            }
            Left::Shared(journals, process) => {
                let service = service.clone();
                tokio::spawn(async move { service.adopt(journals).await });
                Ok(Some(process))
            }
        }
    }
}
