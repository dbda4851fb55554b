//! Why entries cannot be read or changed.

use std::sync::Arc;

use thiserror::Error;

/// Why entries cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store cannot be used.
    #[error("the store {place} cannot be used: {reason}")]
    Unavailable {
        /// Its file or its URL.
        place: Arc<str>,
        /// Why.
        reason: String,
    },
    /// A newer version of this program has written the store.
    #[error("the store {place} has version {found}, and this program knows version {known}")]
    Version {
        /// Its file or its URL.
        place: Arc<str>,
        /// The version of the store.
        found: String,
        /// The version of this program.
        known: u32,
    },
    /// The store is not what was written, or is incomplete.
    #[error("the store {place} is damaged: {reason}")]
    Broken {
        /// Its file or its URL.
        place: Arc<str>,
        /// What is wrong.
        reason: String,
    },
    /// An entry is not what this program writes.
    #[error("the entry {key} of the store {place} is damaged: {reason}")]
    Damaged {
        /// Its file or its URL.
        place: Arc<str>,
        /// The key of the entry.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    /// Returns the fix.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => {
                "Make sure that the store runs, has room, and can be reached and written by this user."
            }
            Self::Broken { .. } => {
                "Restore the store from a backup, or move it away: what became of earlier runs is not known then."
            }
            Self::Version { .. } => "Use the program that wrote the store, or an empty store.",
            Self::Damaged { .. } => {
                "Make sure that all processes have the same store-key; otherwise remove the entry, or restore the store from a backup."
            }
        }
    }
}
