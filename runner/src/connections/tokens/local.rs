//! The tokens of this machine: files or the system's keyring, behind one lock.

use std::path::Path;

use disk::lock::Lock;

use super::directory::Directory;
use super::keyring;
use super::store::{StoreError, was_shared};
use super::stored::{Key, Stored};
use crate::connections::config::TokenStore;

/// The tokens of one key on this machine.
pub struct Local {
    key: Key,
    directory: Directory,
    kind: TokenStore,
}

impl Local {
    /// Opens the tokens of `key`. The lock is in the directory, also for a keyring.
    pub fn open(kind: TokenStore, key: Key, directory: Option<&Path>) -> Result<Self, StoreError> {
        Ok(Self { key, directory: Directory::open(directory)?, kind })
    }

    /// Locks the tokens between processes.
    pub async fn lock(&self) -> Result<Lock, StoreError> {
        self.directory.lock(&self.key.name()).await
    }

    /// Reads the tokens. The warnings report that others could read them, or that they were
    /// damaged and set aside.
    pub async fn load(&self) -> Result<(Stored, Vec<String>), StoreError> {
        let name = self.key.name();
        let mut warnings = Vec::new();
        let bytes = match self.kind {
            TokenStore::File => self.directory.read(&name)?.map(|kept| {
                warnings.extend(kept.shared.map(was_shared));
                kept.bytes
            }),
            TokenStore::Keyring => keyring::read(name.clone()).await?,
        };
        let Some(bytes) = bytes else { return Ok((Stored::default(), warnings)) };
        if let Some(stored) = Stored::read(&bytes, &self.key) {
            return Ok((stored, warnings));
        }
        let damaged = match self.kind {
            TokenStore::File => {
                let aside = self.directory.set_aside(&name)?;
                format!("stored tokens were damaged and set aside as {}", aside.display())
            }
            TokenStore::Keyring => "stored tokens were damaged and are not used".to_owned(),
        };
        warnings.push(damaged);
        Ok((Stored::default(), warnings))
    }

    /// Replaces the tokens as a whole. For files there is no await, so nothing can interrupt the
    /// storing of a new refresh token.
    pub async fn save(&self, stored: &Stored) -> Result<(), StoreError> {
        let (name, small) = (self.key.name(), self.kind == TokenStore::Keyring);
        let bytes = stored
            .write(&self.key, small)
            .map_err(|error| StoreError::Io(name.clone().into(), error.into()))?;
        match self.kind {
            TokenStore::File => self.directory.write(&name, &bytes),
            TokenStore::Keyring => keyring::write(name, bytes).await,
        }
    }
}
