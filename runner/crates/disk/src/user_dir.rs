//! The user's directories for the runner. An environment variable can replace each of them.

use std::io;
use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};
use thiserror::Error;

/// A directory of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserDir {
    /// State that is kept between runs.
    State,
    /// Data that can be computed again.
    Cache,
}

/// Why there is no such directory.
#[derive(Debug, Error)]
pub enum UserDirError {
    /// The user has no home directory.
    #[error("there is no {} directory", if *.0 == UserDir::State { "state" } else { "cache" })]
    NoDirectory(UserDir),
    /// The path in the variable cannot be made absolute.
    #[error("{path}: {2}", path = .1.display())]
    Io(UserDir, PathBuf, io::Error),
}

impl UserDir {
    /// Returns the environment variable that names another directory.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::State => "O365_STATE_DIR",
            Self::Cache => "O365_CACHE_DIR",
        }
    }

    /// Returns the directory, which need not exist: the one that the variable names, or `o365`
    /// in the user's own.
    pub fn path(self) -> Result<PathBuf, UserDirError> {
        match std::env::var_os(self.variable()) {
            Some(path) if !path.is_empty() => std::path::absolute(&path)
                .map_err(|reason| UserDirError::Io(self, path.into(), reason)),
            _ => self.default_path().ok_or(UserDirError::NoDirectory(self)),
        }
    }

    fn default_path(self) -> Option<PathBuf> {
        let base = choose_base_strategy().ok()?;
        let directory = match self {
            // Only Linux has a directory for state; elsewhere state is kept with data.
            Self::State => base.state_dir().unwrap_or_else(|| base.data_dir()),
            Self::Cache => base.cache_dir(),
        };
        Some(directory.join("o365"))
    }
}

impl UserDirError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        let (Self::NoDirectory(directory) | Self::Io(directory, ..)) = self;
        format!("Name a directory in {}.", directory.variable())
    }
}
