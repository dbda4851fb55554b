//! A store in a directory of its own.

use std::path::PathBuf;

use runner::serve::idempotency::{Options, ResponseStore, StoreError};
use tempfile::TempDir;

pub use support::responses::{Expect, Store, TENANT, answer, run_of};

/// A directory for a store.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn directory(&self) -> PathBuf {
        self.0.path().join("answers")
    }

    pub fn file(&self) -> PathBuf {
        self.directory().join("idempotency.redb")
    }

    pub fn open(&self) -> Store {
        self.open_with(Options::default())
    }

    pub fn open_with(&self, options: Options) -> Store {
        Store::open(&self.directory(), options).unwrap()
    }

    pub fn refused(&self) -> StoreError {
        ResponseStore::open(&self.directory(), Options::default()).unwrap_err()
    }
}
