//! API keys: a caller holds the text, the server keeps its hash.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The prefix of every key, by which secret scanners recognize one.
pub const PREFIX: &str = "o365_";

/// The prefix of the text form of a hash.
const ALGORITHM: &str = "sha256:";

/// The entropy of a key, and the size of its hash, in bytes.
const BYTES: usize = 32;

/// A new key: `o365_` and 256 random bits in base64url. It is not stored anywhere.
#[derive(Debug)]
pub struct ApiKey(SecretString);

/// The system provides no random numbers.
#[derive(Debug, Error)]
#[error("the system provides no random numbers for a key: {0}")]
pub struct NoRandomness(getrandom::Error);

/// The SHA-256 of a key's whole text, as the configuration contains it.
///
/// A key has 256 random bits and cannot be guessed, however fast the hash is: a slow hash, as
/// for passwords, would only slow down every request.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; BYTES]);

/// A key that the server accepts, until it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedKey {
    /// The hash of the key.
    pub hash: KeyHash,
    /// The end of the key; `None` for a key without one.
    pub expires: Option<Timestamp>,
}

/// A text that is not the hash of a key. The error does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is not of the form sha256: and 64 hexadecimal digits")]
pub struct InvalidKeyHash;

impl ApiKey {
    /// Generates a key.
    ///
    /// # Errors
    /// Fails when the system provides no random numbers.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut random = Zeroizing::new([0; BYTES]);
        getrandom::fill(random.as_mut_slice()).map_err(NoRandomness)?;
        let mut text = PREFIX.to_owned();
        URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut text);
        Ok(Self(SecretString::from(text)))
    }

    /// Returns the key's text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the key's hash.
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(self.expose())
    }
}

impl KeyHash {
    /// Hashes a key's text.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Returns whether a text is the key, in constant time.
    pub fn matches(&self, key: &str) -> bool {
        *self == Self::of(key)
    }

    /// Returns the bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl AcceptedKey {
    /// Returns whether a text is the key, in constant time. The key may have expired.
    pub fn matches(&self, key: &str) -> bool {
        self.hash.matches(key)
    }

    /// Returns whether the key has expired at a time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

impl From<KeyHash> for AcceptedKey {
    fn from(hash: KeyHash) -> Self {
        Self { hash, expires: None }
    }
}

/// Compares in constant time, so that the time reveals nothing of a key.
impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALGORITHM)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Omits the hash, which does not belong in a log.
impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}

impl FromStr for KeyHash {
    type Err = InvalidKeyHash;

    fn from_str(text: &str) -> Result<Self, InvalidKeyHash> {
        let digits = text.strip_prefix(ALGORITHM).ok_or(InvalidKeyHash)?;
        let mut hash = [0; BYTES];
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        if pairs.len() != BYTES || !rest.is_empty() {
            return Err(InvalidKeyHash);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(hash))
    }
}

fn digit(byte: u8) -> Result<u8, InvalidKeyHash> {
    let digit = char::from(byte).to_digit(16).ok_or(InvalidKeyHash)?;
    u8::try_from(digit).map_err(|_| InvalidKeyHash)
}
