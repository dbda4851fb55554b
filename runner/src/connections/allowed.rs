//! The secrets that a caller may name in an input, without knowing them.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::secret::SecretSource;

/// The secrets that an operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSecrets {
    names: Vec<SecretSource>,
    directory: PathBuf,
}

impl AllowedSecrets {
    /// Allows secrets. The paths of files are relative to `directory`.
    pub fn new(names: impl IntoIterator<Item = SecretSource>, directory: &Path) -> Self {
        let names: Vec<SecretSource> = names.into_iter().collect();
        // Without names it is the same wherever the configuration is.
        let directory = if names.is_empty() { PathBuf::new() } else { directory.to_owned() };
        Self { names, directory }
    }

    /// Returns whether none is allowed.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Reads a secret that a caller names.
    ///
    /// # Errors
    /// Fails with a message for the caller when the operator does not allow the secret, or it cannot
    /// be read.
    pub fn read(&self, name: &SecretSource) -> Result<String, String> {
        if !self.names.contains(name) {
            return Err("names a secret that the operator does not allow".to_owned());
        }
        let secret = match name {
            SecretSource::File(path) => SecretSource::File(self.directory.join(path)).read(),
            SecretSource::Env(_) => name.read(),
        };
        let secret = secret.map_err(|error| {
            tracing::warn!(%error, "a secret of an input cannot be read");
            // Where the operator keeps it is no business of the caller.
            "names a secret that cannot be read".to_owned()
        })?;
        Ok(secret.expose_secret().to_owned())
    }
}
