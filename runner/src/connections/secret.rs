//! The sources of secrets, which are never in the configuration itself.

use std::env::{self, VarError};
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use disk::private::{self, Exposure};
use disk::regular;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::secret_text::{Alphabet, InvalidCharacter};

/// The longest secret, in bytes. An authentication code has about a thousand.
const MAX_BYTES: usize = 16 * 1024;

/// The most bytes that are read of a file: one more than the longest secret.
const READ_BYTES: u64 = 16 * 1024 + 1;

/// The source of a secret, which is read only when it is needed. As text it is `env:NAME` or
/// `file:PATH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file that only its owner can read; of root's, also a group.
    File(PathBuf),
}

/// A text that names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected env:NAME or file:PATH")]
pub struct InvalidSource;

/// Why a secret cannot be read. The errors repeat nothing of it.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The source is empty.
    #[error("the {0} is empty")]
    Empty(SecretSource),
    /// The source is not text.
    #[error("the {0} is not UTF-8 text")]
    NotText(SecretSource),
    /// The source contains a character that the secret cannot have.
    #[error("the {0} {1}")]
    InvalidCharacter(SecretSource, InvalidCharacter),
    /// The source is longer than 16 KiB.
    #[error("the {0} is longer than any secret, {MAX_BYTES} bytes")]
    TooLong(SecretSource),
    /// The file is missing or cannot be read.
    #[error("the file {path} cannot be read: {1}", path = .0.display())]
    Unreadable(PathBuf, io::Error),
    /// The file's mode, which this shows, gives others access.
    #[error("the file {path} can be read by others (mode {mode:04o})", path = .0.display(), mode = .1.mode)]
    Shared(PathBuf, Exposure),
}

impl SecretError {
    /// Returns the fix, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Unset(name) => format!("Set {name} in the environment of this process."),
            Self::Empty(source) => format!("Put the secret into the {source}."),
            Self::NotText(source) | Self::TooLong(source) => {
                format!("Put the secret alone into the {source}, as text.")
            }
            Self::InvalidCharacter(source, _) => format!(
                "Put the secret alone into the {source}: UTF-8 without a byte order mark, and no line break but one at the end of a file."
            ),
            Self::Unreadable(path, reason) if regular::not_regular(reason).is_some() => {
                format!(
                    "Put the secret into a regular file, and name it instead of {}.",
                    path.display()
                )
            }
            Self::Unreadable(path, _) => {
                format!("Put the secret into {}, readable for this user.", path.display())
            }
            Self::Shared(path, Exposure { closed: 0o640, .. }) => format!(
                "Run chmod 640 {} as root; in a volume of Kubernetes, set its defaultMode to 0440.",
                path.display()
            ),
            Self::Shared(path, Exposure { closed, .. }) => {
                format!("Run chmod {closed:o} {}.", path.display())
            }
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

impl FromStr for SecretSource {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        match text.split_once(':') {
            Some(("env", name)) if is_variable(name) => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(InvalidSource),
        }
    }
}

/// Returns whether an environment variable can have this name.
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

impl SecretSource {
    /// Reads a secret of this alphabet.
    ///
    /// # Errors
    /// Fails as [`Self::read`] does, and for other characters.
    pub fn read_of(&self, alphabet: Alphabet) -> Result<SecretString, SecretError> {
        let secret = self.read()?;
        match alphabet.check(secret.expose_secret()) {
            None => Ok(secret),
            Some(invalid) => Err(SecretError::InvalidCharacter(self.clone(), invalid)),
        }
    }

    /// Reads the secret, without one line break at the end of a file.
    ///
    /// # Errors
    /// Fails when there is no secret, or others can read its file.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let mut text = match self {
            Self::Env(name) => match env::var(name) {
                Ok(text) => text,
                Err(VarError::NotPresent) => return Err(SecretError::Unset(name.clone())),
                Err(VarError::NotUnicode(_)) => return Err(SecretError::NotText(self.clone())),
            },
            Self::File(path) => {
                let bytes = read_private(path)?;
                String::from_utf8(bytes).map_err(|_| SecretError::NotText(self.clone()))?
            }
        };
        if text.len() > MAX_BYTES {
            return Err(SecretError::TooLong(self.clone()));
        }
        if matches!(self, Self::File(_)) && text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        if text.is_empty() {
            return Err(SecretError::Empty(self.clone()));
        }
        Ok(SecretString::from(text))
    }
}

/// Reads the start of a file that gives no access to others.
fn read_private(path: &Path) -> Result<Vec<u8>, SecretError> {
    let failed = |reason| SecretError::Unreadable(path.to_owned(), reason);
    let file = regular::open(path).map_err(failed)?;
    // Of the open file, which nobody can replace.
    let metadata = file.metadata().map_err(failed)?;
    if let Some(exposure) = private::exposure(&metadata) {
        return Err(SecretError::Shared(path.to_owned(), exposure));
    }
    let mut bytes = Vec::new();
    file.take(READ_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
