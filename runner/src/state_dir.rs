//! The user's state directory: what is kept between runs.

use std::io;
use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};
use thiserror::Error;

/// The variable that names another state directory.
pub const VARIABLE: &str = "O365_STATE_DIR";

/// Why there is no state directory.
#[derive(Debug, Error)]
pub enum StateDirError {
    /// There is no home directory to put it in.
    #[error("there is no state directory")]
    NoDirectory,
    /// The one that is named has no absolute path.
    #[error("{path}: {reason}", path = .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
}

impl StateDirError {
    /// What to do about it, in one sentence.
    pub fn fix(&self) -> String {
        format!("Name a directory in {VARIABLE}.")
    }
}

/// The directory that `O365_STATE_DIR` names, or `o365` in the user's own for state. It need
/// not exist.
pub fn path() -> Result<PathBuf, StateDirError> {
    match std::env::var_os(VARIABLE) {
        Some(path) if !path.is_empty() => std::path::absolute(&path)
            .map_err(|reason| StateDirError::Io { path: path.into(), reason }),
        // Only Linux has a directory for state; elsewhere data is kept with it.
        _ => choose_base_strategy()
            .map(|base| base.state_dir().unwrap_or_else(|| base.data_dir()).join("o365"))
            .map_err(|_| StateDirError::NoDirectory),
    }
}
