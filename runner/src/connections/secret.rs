//! Where a secret comes from: never from the configuration itself.

use std::env::{self, VarError};
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use disk::{private, regular};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use thiserror::Error;

use super::secret_text::{Alphabet, Odd};

/// The longest secret, in bytes. An authentication code has about a thousand.
const MAX_BYTES: usize = 16 * 1024;

/// How much of a file is read at most, in bytes: one more shows that it is too long.
const READ_BYTES: u64 = 16 * 1024 + 1;

/// Where a secret comes from; it is read when it is needed and not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file, which nobody else may read.
    File(PathBuf),
}

/// Why a secret cannot be had. None of them repeats any of it.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// There is nothing in it.
    #[error("the {0} is empty")]
    Empty(SecretSource),
    /// It is no text.
    #[error("the {0} is not UTF-8 text")]
    NotText(SecretSource),
    /// It holds something that was not meant to be sent.
    #[error("the {0} {1}")]
    Odd(SecretSource, Odd),
    /// It has more than 16 KiB.
    #[error("the {0} is longer than any secret, {MAX_BYTES} bytes")]
    TooLong(SecretSource),
    /// The file is missing or cannot be read.
    #[error("the file {path} cannot be read: {reason}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The file's mode lets others at it.
    #[error("the file {path} can be read by others (mode {mode:04o})", path = .path.display())]
    Shared {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl SecretError {
    /// What to do about it, in one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Unset(name) => format!("Set {name} in the environment of this process."),
            Self::Empty(source) => format!("Put the secret into the {source}."),
            Self::NotText(source) | Self::TooLong(source) => {
                format!("Put the secret alone into the {source}, as text.")
            }
            Self::Odd(source, _) => format!(
                "Put the secret alone into the {source}: UTF-8 without a byte order mark, and no line break but one at the end of a file."
            ),
            Self::Unreadable { path, reason } if regular::not_regular(reason).is_some() => {
                format!(
                    "Put the secret into a regular file, and name it instead of {}.",
                    path.display()
                )
            }
            Self::Unreadable { path, .. } => {
                format!("Put the secret into {}, readable for this user.", path.display())
            }
            Self::Shared { path, .. } => {
                format!("Run chmod 600 {}.", path.display())
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

impl SecretSource {
    /// Reads a secret that is sent as it is, one of this alphabet.
    ///
    /// # Errors
    /// As for [`Self::read`], and when it holds what no such secret can.
    pub fn read_of(&self, alphabet: Alphabet) -> Result<SecretString, SecretError> {
        let secret = self.read()?;
        match alphabet.oddity(secret.expose_secret()) {
            None => Ok(secret),
            Some(odd) => Err(SecretError::Odd(self.clone(), odd)),
        }
    }

    /// Reads the secret, without the one line break that a file may end with.
    ///
    /// # Errors
    /// When there is none, or it is not kept as a secret must be.
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

/// The start of a file that nobody else may read.
fn read_private(path: &Path) -> Result<Vec<u8>, SecretError> {
    let failed = |reason| SecretError::Unreadable { path: path.to_owned(), reason };
    let file = regular::open(path).map_err(failed)?;
    // Of the open file, so that it cannot be another one by now.
    let metadata = file.metadata().map_err(failed)?;
    if let Some(mode) = private::shared_mode(&metadata) {
        return Err(SecretError::Shared { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    file.take(READ_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
