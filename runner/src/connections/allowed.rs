//! The secrets that a caller may name in an input, without knowing them.

use std::path::Path;
use std::str::FromStr;

use secrecy::ExposeSecret;
use serde_json::Value;
use thiserror::Error;

use super::secret::SecretSource;

/// A secret as a caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedSecret {
    /// An environment variable.
    Env(String),
    /// A file.
    File(String),
}

/// A text that names no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected env:NAME or file:PATH")]
pub struct InvalidName;

/// The secrets that an operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSecrets(Vec<(NamedSecret, SecretSource)>);

impl NamedSecret {
    /// Reads the name in an input: an object with `env` or `file`.
    pub fn of_json(value: &Value) -> Option<Self> {
        let mut members = value.as_object()?.iter().filter(|(_, value)| !value.is_null());
        let (kind, name) = members.next()?;
        let name = name.as_str().filter(|name| !name.is_empty())?;
        match (kind.as_str(), members.next()) {
            ("env", None) => Some(Self::Env(name.to_owned())),
            ("file", None) => Some(Self::File(name.to_owned())),
            _ => None,
        }
    }
}

impl FromStr for NamedSecret {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() && !name.contains('=') => {
                Ok(Self::Env(name.to_owned()))
            }
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            _ => Err(InvalidName),
        }
    }
}

impl AllowedSecrets {
    /// Allows secrets. The paths of files are relative to `directory`.
    pub fn new(names: impl IntoIterator<Item = NamedSecret>, directory: &Path) -> Self {
        let source = |name: NamedSecret| {
            let source = match &name {
                NamedSecret::Env(variable) => SecretSource::Env(variable.clone()),
                NamedSecret::File(path) => SecretSource::File(directory.join(path)),
            };
            (name, source)
        };
        Self(names.into_iter().map(source).collect())
    }

    /// Returns whether none is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// Fails with a message for the caller when the operator does not allow the secret, or it cannot
    /// be read.
    pub fn read(&self, name: &NamedSecret) -> Result<String, String> {
        let allowed = self.0.iter().find(|(allowed, _)| allowed == name);
        let Some((_, source)) = allowed else {
            return Err("names a secret that the operator does not allow".to_owned());
        };
        let secret = source.read().map_err(|error| {
            tracing::warn!(%error, "a secret of an input cannot be read");
            // Where the operator keeps it is no business of the caller.
            "names a secret that cannot be read".to_owned()
        })?;
        Ok(secret.expose_secret().to_owned())
    }
}
