//! The key with which what is stored is sealed: AES-256-GCM.
//!
//! Sealed data has a version, a random nonce, and the ciphertext with its tag. It is bound to its
//! *associated data*, such as the key of an entry, and opens with the same alone. Each associated
//! data has an AES key of its own, derived by HKDF-SHA-256: random nonces are good for 2^32
//! messages of one key (NIST SP 800-38D, 8.3), which a whole store would reach within years.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

/// The version of the form.
const VERSION: u8 = 1;

/// The length of a key, in bytes.
const LENGTH: usize = 32;

/// A key that seals. The `Debug` output does not show it.
#[derive(Clone)]
pub struct SealingKey(Prk);

/// Why a text is no key. The errors repeat nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealingKeyError {
    /// It is not base64.
    #[error("the key is not base64")]
    NotBase64,
    /// It has another length.
    #[error("the key has {0} bytes, and needs {LENGTH}")]
    Length(usize),
}

impl SealingKeyError {
    /// Returns the fix, in one sentence.
    pub fn fix(self) -> &'static str {
        "Use the output of `openssl rand -base64 32`, the same for all processes."
    }
}

/// Why data cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealingError {
    /// It cannot be sealed.
    #[error("the system has no random numbers")]
    Random,
    /// A newer version of this program has sealed it, or nobody has.
    #[error("it is not sealed in a form that this program knows")]
    Form,
    /// It was changed or moved, or sealed with another key.
    #[error("it was changed or moved, or sealed with another key")]
    Closed,
}

impl SealingKey {
    /// Reads a key from the base64 text of 32 random bytes.
    ///
    /// # Errors
    /// Fails when the text is something else.
    pub fn parse(text: &SecretString) -> Result<Self, SealingKeyError> {
        let bytes = BASE64_STANDARD.decode(text.expose_secret());
        let bytes = bytes.map(Zeroizing::new).map_err(|_| SealingKeyError::NotBase64)?;
        if bytes.len() != LENGTH {
            return Err(SealingKeyError::Length(bytes.len()));
        }
        Ok(Self(Salt::new(HKDF_SHA256, &[]).extract(&bytes)))
    }

    /// Seals data, and binds it to `associated`.
    ///
    /// # Errors
    /// Fails when the system has no random numbers.
    pub fn seal(&self, associated: &[u8], plaintext: &[u8]) -> Result<Bytes, SealingError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealingError::Random)?;
        let mut sealed = plaintext.to_vec();
        let key = self.key_of(associated).ok_or(SealingError::Random)?;
        let nonce_of_message = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce_of_message, Aad::from(associated), &mut sealed)
            .map_err(|_| SealingError::Random)?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat().into())
    }

    /// Opens sealed data that is bound to `associated`.
    ///
    /// # Errors
    /// Fails when the data was changed, is bound to something else, or was sealed with another key.
    pub fn open(
        &self,
        associated: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(SealingError::Form)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or(SealingError::Form)?;
        let key = self.key_of(associated).ok_or(SealingError::Closed)?;
        let mut opened = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plaintext = key.open_in_place(nonce, Aad::from(associated), &mut opened);
        let length = plaintext.map_err(|_| SealingError::Closed)?.len();
        opened.truncate(length);
        Ok(opened)
    }

    /// Returns the AES key for associated data. The length is one that HKDF gives.
    fn key_of(&self, associated: &[u8]) -> Option<LessSafeKey> {
        let info = [associated];
        let derived = self.0.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(derived)))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").finish_non_exhaustive()
    }
}
