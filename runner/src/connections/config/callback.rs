//! The callback of a tenant.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use secrecy::{ExposeSecret, SecretSlice};
use thiserror::Error;

use crate::connections::secret::{SecretError, SecretSource};

/// What a secret begins with, as the Standard Webhooks say.
const PREFIX: &str = "whsec_";

/// The sizes of its key, in bytes.
const SIZES: std::ops::RangeInclusive<usize> = 24..=64;

/// Where a tenant is told of its runs that nobody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackConfig {
    /// The address: https, or http on loopback.
    pub url: Uri,
    /// The source of the secret with which messages are signed.
    pub secret: SecretSource,
}

/// Why messages cannot be signed.
#[derive(Debug, Error)]
pub enum CallbackSecretError {
    /// The secret cannot be read.
    #[error(transparent)]
    Read(#[from] SecretError),
    /// The secret has another form.
    #[error("the {0} is no secret of the Standard Webhooks")]
    Form(SecretSource),
}

impl CallbackSecretError {
    /// Returns the fix.
    pub fn fix(&self) -> String {
        match self {
            Self::Read(error) => error.fix(),
            Self::Form(source) => format!(
                "Put {PREFIX} and the base64 of 24 to 64 random bytes, such as openssl rand -base64 32 prints, into the {source}."
            ),
        }
    }
}

impl CallbackConfig {
    /// Reads the key with which messages are signed.
    ///
    /// # Errors
    /// Fails when the secret cannot be read, or has another form.
    pub fn key(&self) -> Result<SecretSlice<u8>, CallbackSecretError> {
        let secret = self.secret.read()?;
        let encoded = secret.expose_secret().strip_prefix(PREFIX);
        let key = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
        let key = key.filter(|key| SIZES.contains(&key.len()));
        key.map(SecretSlice::from).ok_or_else(|| CallbackSecretError::Form(self.secret.clone()))
    }
}
