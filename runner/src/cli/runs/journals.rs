//! The journals of the configured server, to be read only.

use std::path::PathBuf;

use crate::cli::failure::Failure;
use crate::cli::serve::sessions::user_directory;
use crate::cli::serve::state::{RUNS, SharedParts};
use crate::cli::{Global, source};
use crate::journal::{Unfinished, unfinished_in};

/// Where the journals of the configured server are.
pub enum SavedJournals {
    /// In a directory.
    Files(PathBuf),
    /// In the store that servers share.
    Shared(SharedParts),
}

impl SavedJournals {
    /// Returns those of the configured server; without a configuration, those in the user's state
    /// directory.
    pub async fn of(global: &Global) -> Result<Self, Failure> {
        let store = source::configuration(global)?.and_then(|file| file.serve().store.clone());
        let directory = user_directory()?.join(RUNS);
        match store {
            None => Ok(Self::Files(directory)),
            Some(store) => Ok(Self::Shared(SharedParts::open(&store, directory).await?)),
        }
    }

    /// Returns the runs that have not ended, the oldest first.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, Failure> {
        let mut found = match self {
            Self::Files(directory) => unfinished_in(directory),
            Self::Shared(shared) => shared.journals.unfinished().await,
        }
        .map_err(|error| Failure::setup(&error, error.fix()))?;
        found.sort_by_key(|run| run.begun.started_at);
        Ok(found)
    }
}
